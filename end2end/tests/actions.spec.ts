import { test } from './driven';
import { archive, bag, expect, open, staying, type DrivenServer, type Page } from './fixtures';

// Without sign-in, as on one's own machine.

const action = (page: Page, name: string) => page.getByRole('region', { name: 'Actions' }).getByRole('button', { name });
const reasons = (page: Page) => page.locator('.actions__reasons p');
const dialog = (page: Page) => page.getByRole('dialog');
const toast = (page: Page, text: string | RegExp) => page.locator('.toast').filter({ hasText: text });
const fact = (page: Page, name: string) => page.locator('main dl > div').filter({ has: page.getByRole('term').getByText(name, { exact: true }) }).getByRole('definition');
const workflow = (page: Page, title: string) => page.getByRole('region', { name: 'Workflows' }).locator('li.workflow').filter({ has: page.getByRole('heading', { level: 3, name: title }) });
const task = (page: Page, name: string) => page.locator('li.task').filter({ has: page.getByRole('heading', { level: 4, name }) });
const noSignIn = 'Its deletion needs sign-in, so that a second person can agree; this service runs without.';

/** An AIP with its bytes and a second location that it could go to. */
async function kept(driven: DrivenServer) {
  const api = archive(driven.url);
  const aip = await api.deposit('fonds-12', bag('fonds-12'));
  const north = await api.location('North wing', 'north');
  return { api, aip, north };
}

test('a move: where to, what happens, how it ended', async ({ page, context, driven }) => {
  const { api, aip, north } = await kept(driven);
  const list = await context.newPage();
  await open(list, '/storage/aips');
  await open(page, `/storage/aips/${aip.uuid}`);
  const stayed = await staying(page);

  await action(page, 'Move…').focus();
  await page.keyboard.press('Enter');
  await expect(dialog(page)).toContainText('read back there and compared byte by byte');
  await dialog(page).getByRole('button', { name: 'Move', exact: true }).click();
  await expect(dialog(page).getByText('Choose a location.')).toBeVisible();
  await expect(dialog(page).getByRole('radio'), 'not to where it is').toHaveCount(1);
  await dialog(page).getByRole('radio', { name: /^North wing/ }).check();
  await expect(dialog(page).getByText('Choose a location.')).toBeHidden();
  await page.keyboard.press('Enter');

  await expect(dialog(page)).toBeHidden();
  await expect(action(page, 'Move…'), 'the keyboard is where it was').toBeFocused();
  await expect(toast(page, 'The move of fonds-12 to North wing has begun.')).toBeVisible();
  await expect(workflow(page, 'Move to another location').locator('.workflow__head')).toContainText('done');
  await expect(toast(page, 'Move of fonds-12: done.')).toBeVisible();
  await expect(fact(page, 'Location')).toHaveText('North wing');
  await expect(fact(page, 'Status')).toHaveText('stored');
  await expect(list.locator('main table tbody tr')).toContainText('North wing');
  expect((await api.aip(aip.uuid)).location_uuid).toBe(north);
  await stayed();
});

test('a dialog is called off by Escape, and asks anew the next time', async ({ page, driven }) => {
  const { aip } = await kept(driven);
  await open(page, `/storage/aips/${aip.uuid}`);
  await action(page, 'Move…').click();
  await dialog(page).getByRole('radio', { name: /^North wing/ }).check();
  await page.keyboard.press('Escape');
  await expect(dialog(page)).toBeHidden();
  await expect(action(page, 'Move…')).toBeFocused();
  await action(page, 'Move…').click();
  await expect(dialog(page).getByRole('radio', { name: /^North wing/ })).not.toBeChecked();
  await dialog(page).getByRole('button', { name: 'Cancel' }).click();
  await expect(workflow(page, 'Move to another location')).toHaveCount(0);
});

test('a fixity check: begun by a button, found on the page', async ({ page, driven }) => {
  const { aip } = await kept(driven);
  await open(page, `/storage/aips/${aip.uuid}`);
  const fixity = page.getByRole('region', { name: 'Fixity' });
  await expect(fixity).toContainText('It was not checked since it was taken in.');
  await action(page, 'Check fixity').click();
  await expect(toast(page, 'The fixity check of fonds-12 has begun')).toBeVisible();
  await expect(fixity.getByText('unchanged', { exact: true })).toBeVisible();
  await expect(workflow(page, 'Fixity check').locator('.workflow__head')).toContainText('done');
  await expect(action(page, 'Check fixity')).toBeEnabled();
  await action(page, 'Check fixity').click();
  await expect(fixity.getByText('1 earlier check')).toBeVisible();
});

test('the fixity of everything in a location', async ({ page, driven }) => {
  const { api, aip } = await kept(driven);
  await open(page, `/storage/locations/${(await api.aip(aip.uuid)).location_uuid}`);
  await page.getByRole('button', { name: 'Check fixity of all…' }).click();
  await expect(dialog(page)).toContainText('of 1 AIP will be read.');
  await dialog(page).getByRole('button', { name: 'Check all' }).click();
  await expect(toast(page, 'The fixity of 1 AIP is being checked.')).toBeVisible();
  await open(page, `/storage/aips/${aip.uuid}`);
  await expect(page.getByRole('region', { name: 'Fixity' }).getByText('unchanged', { exact: true })).toBeVisible();
});

test('what is not on offer now says why, live', async ({ page, driven }) => {
  const { aip } = await kept(driven);
  await open(page, `/storage/aips/${aip.uuid}`);
  const stayed = await staying(page);
  const download = page.getByRole('link', { name: 'Download' });
  for (const name of ['Move…', 'Check fixity']) await expect(action(page, name)).toBeEnabled();
  await expect(action(page, 'Request deletion…')).toBeDisabled();
  await expect(reasons(page)).toHaveText([noSignIn]);

  await action(page, 'Move…').focus();
  await driven.call('set_aip_status', { uuid: aip.uuid, status: 'processing' });
  await expect(reasons(page)).toHaveText(['It can be downloaded, moved, checked or deleted once the present work on it has ended.']);
  for (const name of ['Move…', 'Check fixity']) await expect(action(page, name)).toBeDisabled();
  await expect(action(page, 'Move…'), 'a live change takes the focus from nobody').toBeFocused();
  await page.keyboard.press('Enter');
  await expect(dialog(page)).toBeHidden();

  await driven.call('set_aip_status', { uuid: aip.uuid, status: 'pending' });
  await expect(reasons(page)).toHaveText(['It can be moved, checked or deleted once the pending decision about it was made.']);
  await expect(download).toBeEnabled();

  await driven.call('set_aip_status', { uuid: aip.uuid, status: 'stored' });
  await expect(action(page, 'Move…')).toBeEnabled();
  await expect(reasons(page)).toHaveText([noSignIn]);

  await driven.call('set_aip_status', { uuid: aip.uuid, status: 'deleted' });
  await expect(page.getByText('Deleted: there is nothing left to download, to move or to check.')).toBeVisible();
  await expect(action(page, 'Move…')).toBeHidden();
  await stayed();
});

test('of an AIP whose bytes are elsewhere nothing can be downloaded', async ({ page, driven }) => {
  const { uuid } = await archive(driven.url).announce('Minutes 1987');
  await open(page, `/storage/aips/${uuid}`);
  await expect(reasons(page)).toHaveText(['It cannot be downloaded, moved or checked: no location here keeps it.', noSignIn]);
  await expect(page.getByRole('link', { name: 'Download' })).toBeDisabled();
});

test('without another location there is none to move to', async ({ page, driven }) => {
  const api = archive(driven.url);
  const { uuid } = await api.deposit('fonds-12', bag('fonds-12'));
  await open(page, `/storage/aips/${uuid}`);
  await expect(reasons(page)).toHaveText(['There is no other location that it could be moved to.', noSignIn]);
  await expect(action(page, 'Move…')).toBeDisabled();
  await api.location('North wing', 'north');
  await expect(action(page, 'Move…')).toBeEnabled();
  await expect(reasons(page)).toHaveText([noSignIn]);
});

test('how far a task is: bytes, rate and time left, which no event wipes, until it is over', async ({ page, driven }) => {
  const { aip } = await kept(driven);
  // The service tells it while it moves bytes; here it is put among its messages, so that it goes as slowly as one can look.
  const atWork = new Set<string>();
  const topics = new Set<string>();
  let [done, version] = [0, 0];
  let tell = (_message: unknown): void => {};
  await page.routeWebSocket(/\/api\/storage\/monitor/, (socket) => {
    const upstream = socket.connectToServer();
    upstream.onMessage((message) => socket.send(message));
    socket.onMessage((message) => {
      const frame = JSON.parse(message.toString()) as { type: string; topics?: string[] };
      for (const topic of frame.topics ?? []) if (frame.type === 'unsubscribe') topics.delete(topic); else topics.add(topic);
      upstream.send(message);
    });
    tell = (message) => socket.send(JSON.stringify(message));
  });
  const telling = setInterval(() => {
    done += 10_000_000;
    for (const task_id of topics.has('tasks') ? atWork : [])
      tell({ type: 'task.progress', task_id, state: 'PROGRESS', progress: 1, timestamp: new Date().toISOString(), version: (version += 1), aip_uuid: aip.uuid, transfer: { done, total: 10_000_000_000 } });
  }, 250);
  try {
    await open(page, `/storage/aips/${aip.uuid}`);
    expect([...topics], 'nothing is at work').not.toContain('tasks');
    const begun = await driven.call<{ uuid: string }>('start_workflow', { aip_uuid: aip.uuid, kind: 'move aip' });
    const copy = await driven.call<{ uuid: string }>('start_task', { workflow_uuid: begun.uuid, name: 'Copy AIP', note: 'At it' });
    atWork.add(copy.uuid);
    const bytes = task(page, 'Copy AIP').locator('.how-far__pace');
    await expect(bytes).toHaveText(/^\d+\.?\d* MB of 10\.0 GB, [\d.]+ MB\/s, \d+ (s|min).* left$/);
    const bar = task(page, 'Copy AIP').getByRole('progressbar', { name: 'Copy AIP' });
    await expect(bar).toHaveAttribute('value', /^\d+$/);
    const before = await bytes.textContent();
    const another = await driven.call<{ uuid: string }>('start_task', { workflow_uuid: begun.uuid, name: 'Another', note: '' });
    await expect(task(page, 'Another')).toBeVisible();
    await expect(bytes).not.toHaveText(before ?? '');
    atWork.delete(copy.uuid);
    atWork.add(another.uuid);
    await driven.call('finish_task', { uuid: copy.uuid, status: 'done', note: 'Copied' });
    await expect(bar).toBeHidden();
    await expect(task(page, 'Another').getByRole('progressbar')).toBeVisible();
    await driven.call('finish_task', { uuid: another.uuid, status: 'done', note: '' });
    await driven.call('finish_workflow', { uuid: begun.uuid, status: 'done' });
    await expect.poll(() => [...topics], 'nothing is at work any more').not.toContain('tasks');
  } finally {
    clearInterval(telling);
  }
});
