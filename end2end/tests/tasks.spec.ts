import { archive, bag, connection, expect, live, open, staying, test, type Page } from './fixtures';
import { listen } from './frames';

const running = (page: Page) => page.getByRole('region', { name: 'Running' }).getByRole('listitem');
const ended = (page: Page) => page.getByRole('region', { name: 'Ended lately' }).getByRole('listitem');
const bar = (page: Page, name: string) => page.getByRole('progressbar', { name });

test('what other systems report moves as they report it, and stays for a while once it has ended', async ({ page, server }) => {
  const api = archive(server.url);
  await open(page, '/tasks');
  const stayed = await staying(page);
  await expect(page.getByText('No task was reported lately')).toBeVisible();

  await api.report('scan-7', { state: 'PROGRESS', progress: 42, message: 'Reading shelf 3', name: 'Scan of the stacks' });
  await expect(running(page)).toHaveCount(1);
  await expect(running(page)).toContainText('Scan of the stacks');
  await expect(running(page)).toContainText('running');
  await expect(running(page)).toContainText('42 %');
  await expect(running(page)).toContainText('Reading shelf 3');
  await expect(bar(page, 'Scan of the stacks')).toHaveAttribute('value', '42');

  await api.report('scan-8', { state: 'PENDING' });
  await expect(running(page)).toHaveCount(2);
  await expect(running(page).last(), 'without a name it is called as it is known').toContainText('scan-8');
  await expect(running(page).last()).toContainText('waiting');
  await expect(page.locator('#announcer')).toHaveText(/\d changes? on this page/, { timeout: 10_000 });

  await api.report('scan-7', { state: 'SUCCESS', progress: 100, message: 'All shelves were read', result: { shelves: 3, missing: [], ok: true } });
  await expect(ended(page)).toHaveCount(1);
  await expect(ended(page)).toContainText('done');
  await expect(ended(page)).toContainText('100 %');
  await ended(page).getByText('Show more').click();
  await expect(ended(page).locator('.note__text')).toContainText('shelves: 3');
  await expect(ended(page).locator('.note__text')).toContainText('ok: yes');
  await expect(running(page)).toHaveText(/scan-8/);
  await stayed();
});

test('the first HTML has the tasks', async ({ page, request, server }) => {
  await archive(server.url).report('scan-7', { state: 'PROGRESS', progress: 12, name: 'Scan of the stacks' });
  const html = await (await request.get('/tasks')).text();
  expect(html.replace(/<script\b.*?<\/script>/gs, '')).toContain('Scan of the stacks');
  await open(page, '/tasks');
  await expect(running(page)).toHaveCount(1);
});

test('no row moves under the pointer, and each goes to its place once it has left', async ({ page, server }) => {
  const api = archive(server.url);
  await api.report('first', { state: 'PROGRESS', progress: 1, name: 'First' });
  await api.report('second', { state: 'PROGRESS', progress: 1, name: 'Second' });
  await open(page, '/tasks');
  await running(page).last().hover();
  await api.report('first', { state: 'FAILURE', message: 'The medium cannot be read' });
  await expect(running(page).first(), 'it says so where it stands').toContainText('failed');
  await expect(running(page).getByRole('heading')).toHaveText(['First', 'Second']);
  await page.getByRole('heading', { level: 1 }).hover();
  await expect(running(page).getByRole('heading')).toHaveText(['Second']);
  await expect(ended(page).getByRole('heading')).toHaveText(['First']);
});

test('a task that is reported quickly changes on screen at most four times a second, and ends right', async ({ page, server }) => {
  const api = archive(server.url);
  await api.report('quick', { state: 'PROGRESS', progress: 0, name: 'Quick' });
  await open(page, '/tasks');
  await bar(page, 'Quick').evaluate((element) => {
    const changes: number[] = [];
    Object.assign(window, { changes });
    new MutationObserver(() => void changes.push(performance.now())).observe(element, { attributes: true, attributeFilter: ['value'] });
  });
  for (let progress = 1; progress <= 99; progress += 1) await api.report('quick', { state: 'PROGRESS', progress });
  await api.report('quick', { state: 'SUCCESS', progress: 100 });
  await expect(bar(page, 'Quick')).toHaveAttribute('value', '100');
  const changes = await page.evaluate(() => (window as unknown as { changes: number[] }).changes);
  const gaps = changes.slice(1).map((at, place) => at - changes[place]);
  for (const gap of gaps) expect(gap).toBeGreaterThan(200);
});

test('of many tasks that are reported quickly each shows what was said of it last', async ({ page, server }) => {
  const api = archive(server.url);
  await open(page, '/tasks');
  const tasks = Array.from({ length: 20 }, (_, at) => `Task ${at}`);
  for (let step = 1; step <= 20; step += 1) {
    await Promise.all(tasks.map((name, at) => api.report(`task-${at}`, { state: 'PROGRESS', progress: step, message: `Step ${step}`, name })));
  }
  await expect(running(page).locator('.note')).toHaveText(tasks.map(() => 'Step 20'));
});

test('what was told while the connection was away is there once it is back', async ({ page, context, server, allowConsole }) => {
  allowConsole(/net::ERR_INTERNET_DISCONNECTED|WebSocket connection to .* failed/);
  const api = archive(server.url);
  await api.report('scan-7', { state: 'PROGRESS', progress: 42, name: 'Scan of the stacks' });
  await open(page, '/tasks');
  await expect(running(page)).toHaveCount(1);
  await context.setOffline(true);
  await expect(connection(page)).toHaveText('Reconnecting');
  await api.report('scan-7', { state: 'SUCCESS', progress: 100 });
  await context.setOffline(false);
  await live(page);
  await expect(ended(page)).toContainText('done');
});

test('another tab gets the messages by way of the one that has the connection', async ({ page, context, server }) => {
  const api = archive(server.url);
  const second = await context.newPage();
  const wires = [page, second].map(listen);
  await open(page, '/storage/aips');
  await open(second, '/tasks');
  await expect.poll(() => wires[0].came('subscribed').at(-1)?.topics, 'the one asks for what the other shows').toContain('tasks');
  await api.report('scan-7', { state: 'PROGRESS', progress: 42, name: 'Scan of the stacks' });
  await expect(running(second)).toContainText('42 %');
  await api.report('scan-7', { state: 'SUCCESS', progress: 100 });
  await expect(ended(second)).toContainText('done');
  expect(wires.map((wire) => wire.opened())).toEqual([1, 0]);
  expect(wires[0].came('task.progress').length).toBeGreaterThan(0);
  await second.close();
  await expect.poll(() => wires[0].sent('unsubscribe').at(-1)?.topics, 'and no longer').toContain('tasks');
});

test('own work is a task that leads to its AIP', async ({ page, server }) => {
  const { uuid } = await archive(server.url).deposit('fonds-12', bag('fonds-12'));
  await open(page, '/tasks');
  await fetch(`${server.url}/api/storage/aips/${uuid}/fixity`, { method: 'POST' });
  const report = page.locator('.report', { has: page.locator(`a[href="/storage/aips/${uuid}"]`) }).first();
  await expect(report).toContainText('work of this service');
  await report.getByRole('link').click();
  await expect(page.getByRole('heading', { level: 1, name: 'fonds-12' })).toBeVisible();
});
