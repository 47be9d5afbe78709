import { findings, full } from './axe';
import { card, choose, send, tarFile } from './deposit';
import { answered, archive, bag, expect, nobody, open, test } from './fixtures';

test.use({ serverArgs: ['--demo'] });

const pages: Record<string, (url: string) => Promise<string>> = {
  overview: async () => '/',
  AIPs: async () => '/storage/aips',
  'AIPs, none found': async () => '/storage/aips?query=nothing-of-this-name',
  'an AIP': async (url) => `/storage/aips/${(await archive(url).aips()).items[0].uuid}`,
  'an AIP whose bytes are elsewhere': async (url) => `/storage/aips/${(await archive(url).announce('Announced', { status: 'pending' })).uuid}`,
  locations: async () => '/storage/locations',
  'new location': async () => '/storage/locations/new',
  'a location': async (url) => `/storage/locations/${(await archive(url).locations())[0].uuid}`,
  'the AIPs of a location': async (url) => `/storage/locations/${(await archive(url).locations())[0].uuid}/aips`,
  'edit location': async (url) => `/storage/locations/${(await archive(url).locations())[0].uuid}/edit`,
  deposit: async () => '/storage/deposit',
  'sign-in': async () => '/user/signin?error=signed-out',
  activity: async () => '/activity',
  tasks: async (url) => {
    const api = archive(url);
    await api.report('scan-7', { state: 'PROGRESS', progress: 42, name: 'Scan of the stacks', message: 'Reading shelf 3' });
    await api.report('scan-8', { state: 'FAILURE', progress: 12, name: 'Scan of the annex', result: { shelves: 3, missing: ['a', 'b'] } });
    return '/tasks';
  },
  system: async () => '/system',
  about: async () => '/about',
};

// One server and one test for each page would take minutes to start and load; a step tells as well which page it is.
test('axe finds nothing on any page, in either theme, wide or narrow', async ({ page, server }) => {
  test.setTimeout(180_000);
  const found: string[] = [];
  for (const [name, address] of Object.entries(pages)) {
    await test.step(name, async () => {
      await open(page, await address(server.url));
      for (const finding of await findings(page)) found.push(`${name}: ${finding}`);
    });
  }
  expect(found).toEqual([]);
});

test('nor on a page that is not there, or that was asked for nonsense', async ({ page, allowConsole }) => {
  allowConsole(answered(400, 404));
  const found: string[] = [];
  for (const path of [`/storage/aips/${nobody}`, '/storage/aips?status=gone']) {
    await open(page, path);
    for (const finding of await findings(page)) found.push(`${path}: ${finding}`);
  }
  expect(found).toEqual([]);
});

test('nor where something is opened: connection, statuses, range, tasks, a question, a form that complains', async ({ page, server }) => {
  test.setTimeout(120_000);
  const found: string[] = [];
  const look = async (name: string) => {
    for (const finding of await findings(page)) found.push(`${name}: ${finding}`);
    await page.setViewportSize(full);
  };
  const openAll = () => page.evaluate(() => document.querySelectorAll('main details').forEach((details) => details.setAttribute('open', '')));
  const api = archive(server.url);

  await open(page, '/storage/aips');
  await openAll();
  await look('AIPs, opened');
  await page.locator('.connection summary').click();
  await look('connection');

  await open(page, `/storage/aips/${(await api.aips()).items[0].uuid}`);
  await openAll();
  await look('an AIP, opened');

  await page.getByRole('button', { name: 'Move…' }).click();
  await page.getByRole('button', { name: 'Move', exact: true }).click();
  await look('where to move an AIP');

  await open(page, '/tasks');
  await openAll();
  await look('tasks, opened');

  await open(page, '/system');
  await openAll();
  await look('the system, opened');

  await open(page, '/storage/locations/new');
  await page.getByRole('button', { name: 'Create location' }).click();
  await expect(page.getByRole('textbox', { name: 'Name', exact: true })).toHaveAttribute('aria-invalid', 'true');
  await look('a form that complains');

  await open(page, `/storage/locations/${await api.location('Empty', 'empty')}`);
  await page.getByRole('button', { name: 'Delete this location…' }).click();
  await look('a question');

  await open(page, `/storage/locations/${(await api.locations()).find(({ aip_count }) => aip_count > 0)?.uuid}`);
  await page.getByRole('button', { name: 'Check fixity of all…' }).click();
  await look('a question about all AIPs of a location');
  expect(found).toEqual([]);
});

test('nor on packages that are chosen, refused and kept', async ({ page }) => {
  await open(page, '/storage/deposit');
  await choose(page, tarFile('fonds.tar', bag('fonds', undefined, { 'data/hello.txt': 'spoiled' })), tarFile('letters.tar', bag('letters')));
  const found = await findings(page);
  await page.setViewportSize(full);
  await send(page);
  await expect(card(page, 'fonds.tar').getByText('refused', { exact: true })).toBeVisible({ timeout: 20_000 });
  await expect(card(page, 'letters.tar').getByText(/^Kept as /)).toBeVisible({ timeout: 20_000 });
  found.push(...(await findings(page)));
  expect(found).toEqual([]);
});
