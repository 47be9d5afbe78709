import { depositByHand, tarFile } from './deposit';
import { archive, bag, connection, expect, live, names, open, rows, staying, test, type Page } from './fixtures';
import { listen } from './frames';

const details = (page: Page) => page.locator('details.connection .connection__details');
const whose = (page: Page) => details(page).locator('div', { hasText: /^Connection/ }).locator('dd');

test('tabs of one browser share one connection', async ({ page, context, server }) => {
  const api = archive(server.url);
  await api.fill(25);
  const second = await context.newPage();
  const depositor = await context.newPage();
  const wires = [page, second, depositor].map(listen);
  await open(page, '/storage/aips');
  await open(second, '/storage/aips?page=2');
  await open(depositor, '/');
  const stayed = await Promise.all([page, second, depositor].map(staying));
  expect(wires.map((wire) => wire.opened())).toEqual([1, 0, 0]);
  await expect(whose(page)).toHaveText('of this tab');
  await expect(whose(second)).toHaveText('shared with another tab');

  await depositByHand(depositor, tarFile('harbour-plans.tar', bag('harbour-plans')));
  await expect(rows(page).first()).toContainText('harbour-plans');
  await expect(second.getByRole('link', { name: '1 new', exact: true })).toBeVisible();
  for (const tab of [page, second, depositor]) await expect(connection(tab)).toHaveText('Live');
  expect(wires.map((wire) => wire.opened())).toEqual([1, 0, 0]);
  await Promise.all(stayed.map((check) => check()));
});

test('each tab is told what it shows, whichever has the connection', async ({ page, context, server }) => {
  const api = archive(server.url);
  const location = await api.location('North wing', 'north');
  const aip = await api.announce('Harbour plans', { location_uuid: location });
  const wire = listen(page);
  await open(page, `/storage/aips/${aip.uuid}`);
  expect(wire.sent('session.init')[0].topics).toEqual([`aip:${aip.uuid}`, 'locations']);

  const second = await context.newPage();
  await open(second, '/storage/aips');
  await expect.poll(() => wire.sent('subscribe').at(-1)?.topics, 'the one asks for what the other shows').toEqual(['storage']);
  await api.announce('Lighthouse logs');
  await expect(rows(second).first()).toContainText('Lighthouse logs');

  await second.close();
  await expect.poll(() => wire.sent('unsubscribe').at(-1)?.topics, 'and no longer').toEqual(['storage']);
});

test('a page about one AIP hears of that one, and a list of all of them', async ({ page, server }) => {
  const api = archive(server.url);
  const [one, other] = [await api.announce('Harbour plans'), await api.announce('Lighthouse logs')];
  const wire = listen(page);
  await open(page, '/storage/aips');
  const stayed = await staying(page);
  expect(wire.sent('session.init')[0].topics).toEqual(['locations', 'storage']);

  await rows(page).getByRole('link', { name: 'Harbour plans' }).click();
  await expect(page.getByRole('heading', { name: 'Harbour plans' })).toBeVisible();
  await expect.poll(() => wire.came('subscribed').at(-1)?.topics).toEqual([`aip:${one.uuid}`, 'locations']);
  const before = wire.events().length;
  await fetch(`${server.url}/api/storage/aips/${other.uuid}/fixity`, { method: 'POST' });
  await api.location('North wing', 'north');
  await expect.poll(() => wire.events().map(({ value }) => value?.type)).toContain('location_created_event');
  expect(wire.events().slice(before).map(({ value }) => value?.type), 'nothing of the other AIP').toEqual(['location_created_event']);
  await expect(connection(page)).toHaveText('Live');

  await page.goBack();
  await expect.poll(() => wire.came('subscribed').at(-1)?.topics).toEqual(['locations', 'storage']);
  await api.announce('Tide tables');
  await expect(rows(page).first()).toContainText('Tide tables');
  expect(wire.opened(), 'one connection throughout').toBe(1);
  await stayed();
});

test('the tab that has the connection is closed while changes come: the others lose nothing', async ({ page, context, server }) => {
  const api = archive(server.url);
  const others = [await context.newPage(), await context.newPage()];
  const wires = others.map(listen);
  await open(page, '/storage/aips');
  for (const other of others) await open(other, '/storage/aips?limit=50');
  const stayed = await Promise.all(others.map(staying));
  expect(wires.map((wire) => wire.opened())).toEqual([0, 0]);

  const filling = api.fill(40);
  await expect(rows(others[0]).first()).toContainText('Series');
  await page.close();
  await filling;
  for (const other of others) {
    await expect(rows(other)).toHaveCount(40);
    await live(other);
    const { items } = await api.aips('?limit=50');
    expect(await names(other)).toEqual(items.map(({ name }) => name));
  }
  expect(wires.reduce((sum, wire) => sum + wire.opened(), 0), 'one of them connected').toBe(1);
  expect(wires.flatMap((wire) => wire.came('session.restored')), 'and went on where it was').toHaveLength(1);
  expect(wires.flatMap((wire) => wire.came('resync'))).toEqual([]);
  await Promise.all(stayed.map((check) => check()));
});

test('stopping live updates in the tab that leads hands the connection to another', async ({ page, context, server }) => {
  const second = await context.newPage();
  const wire = listen(second);
  await open(page, '/storage/aips');
  await open(second, '/storage/aips');
  await page.locator('details.connection summary').click();
  await details(page).getByRole('button', { name: 'Stop live updates' }).click();
  await expect(connection(page)).toHaveText('Not live');
  await expect.poll(() => wire.opened()).toBe(1);
  await live(second);
  await archive(server.url).announce('Harbour plans');
  await expect(rows(second).first()).toContainText('Harbour plans');
  await details(page).getByRole('button', { name: 'Start live updates' }).click();
  await live(page);
  await expect(whose(page)).toHaveText('shared with another tab');
  await expect(rows(page).first()).toContainText('Harbour plans');
});

test('a tab connects by itself where the browser has no locks', async ({ context, server }) => {
  await context.addInitScript(() => Object.defineProperty(Navigator.prototype, 'locks', { get: () => undefined }));
  const tabs = [await context.newPage(), await context.newPage()];
  const wires = tabs.map(listen);
  for (const tab of tabs) await open(tab, '/storage/aips');
  expect(wires.map((wire) => wire.opened())).toEqual([1, 1]);
  await archive(server.url).announce('Harbour plans');
  for (const tab of tabs) await expect(rows(tab).first()).toContainText('Harbour plans');
});

test('a tab connects by itself if whoever has the lock says nothing', async ({ page, context, server }) => {
  const stuck = await context.newPage();
  await stuck.goto('/api/user');
  await stuck.evaluate(
    () => new Promise<void>((granted) => void navigator.locks.request('strongroom.monitor ', () => (granted(), new Promise(() => {})))),
  );
  const wire = listen(page);
  await open(page, '/storage/aips');
  expect(wire.opened()).toBe(1);
  await archive(server.url).announce('Harbour plans');
  await expect(rows(page).first()).toContainText('Harbour plans');
});
