import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bagFiles } from './bag';
import { card, choose, send, tarFile } from './deposit';
import { answered, archive, bag, expect, looseFiles, open, test, unreachable, type Page, type Server } from './fixtures';

const badge = (page: Page, file: string) => card(page, file).locator('.package__head .badge__word');
const kept = (page: Page, file: string) => expect(card(page, file).getByText(/^Kept as /)).toBeVisible({ timeout: 30_000 });

/** Every file that lies in the locations. */
async function filesKept(server: Server): Promise<string[]> {
  const entries = await readdir(join(server.data, 'locations'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

/** Lets the page send so many bytes a second, so that a test can step in between; the returned function cuts its network, or mends it. */
async function throttle(page: Page, uploadThroughput: number): Promise<(offline: boolean) => Promise<void>> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.enable');
  const set = (offline: boolean) =>
    devtools.send('Network.emulateNetworkConditions', { offline, latency: 0, downloadThroughput: -1, uploadThroughput }) as Promise<unknown> as Promise<void>;
  await set(false);
  return set;
}

const large = () => bag('film', [{ path: 'film.mkv', content: randomBytes(6_000_000) }]);

/** Waits until a part has safely arrived and the rest has not. */
const partly = (page: Page, file: string) => expect(card(page, file).locator('.package__pace')).toHaveText(/^[1-9][\d.]* [kM]B of /, { timeout: 20_000 });

test('several packages at once, into the location that was chosen, under names of their own', async ({ page, server }) => {
  const api = archive(server.url);
  const north = await api.location('North wing', 'north');
  await open(page, '/storage/deposit');
  await page.getByLabel('Keep in').selectOption('North wing');
  const files = ['a', 'b', 'c', 'd', 'e'].map((name) => tarFile(`fonds-${name}.tar`, bag(`fonds-${name}`)));
  await choose(page, ...files);
  await expect(card(page, 'fonds-a.tar').getByLabel('Name of the AIP')).toHaveValue('fonds-a');
  await card(page, 'fonds-b.tar').getByLabel('Name of the AIP').fill('');
  await expect(card(page, 'fonds-b.tar').getByText('Give the AIP a name.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Deposit 4 packages' })).toBeEnabled();
  await card(page, 'fonds-b.tar').getByLabel('Name of the AIP').fill('Fonds B, letters');
  await card(page, 'fonds-e.tar').getByRole('button', { name: 'Take off the list' }).click();
  await page.getByRole('button', { name: 'Deposit 4 packages' }).click();
  for (const { name } of files.slice(0, 4)) await kept(page, name);

  const { items } = await api.aips('?sort=name');
  expect(items.map(({ name, status, location_uuid, format }) => ({ name, status, location_uuid, format }))).toEqual(
    ['Fonds B, letters', 'fonds-a', 'fonds-c', 'fonds-d'].map((name) => ({ name, status: 'stored', location_uuid: north, format: 'tar' })),
  );
  const digests = files.slice(0, 4).map(({ buffer }) => createHash('sha256').update(buffer).digest('hex'));
  expect(items.map(({ sha256 }) => sha256)).toEqual([1, 0, 2, 3].map((at) => digests[at]));
  await expect(card(page, 'fonds-a.tar').getByText('Valid bag', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Take finished packages off this list' }).click();
  await expect(card(page, 'fonds-a.tar')).toBeHidden();
});

test('a bag that is not valid is refused, every problem is named, and nothing of it stays', async ({ page, server }) => {
  const payload = ['one', 'two', 'three'].map((name) => ({ path: `${name}.txt`, content: `This is ${name}.\n` }));
  const spoiled = bag('fonds', payload, { 'data/one.txt': 'This is one!\n', 'data/three.txt': 'gone\n' });
  await open(page, '/storage/deposit');
  await choose(page, tarFile('fonds.tar', spoiled), tarFile('letters.tar', bag('letters')));
  await send(page);
  await expect(badge(page, 'fonds.tar')).toHaveText('refused', { timeout: 20_000 });
  const refused = card(page, 'fonds.tar');
  await expect(refused.getByText('This is a bag, but not a valid one.')).toBeVisible();
  for (const path of ['data/one.txt', 'data/three.txt']) await expect(refused.locator('.findings__item').filter({ hasText: path }).first()).toBeVisible();
  await expect(refused.locator('.findings__item').filter({ hasText: 'data/two.txt' })).toHaveCount(0);
  await expect(refused).toContainText('Nothing of it was kept; mend the package and deposit it again.');
  await kept(page, 'letters.tar');
  const { items } = await archive(server.url).aips();
  expect(items.map(({ name }) => name), 'only the other one').toEqual(['letters']);
  expect(await filesKept(server)).toHaveLength(1);
});

test('what is chosen before the page is alive is not lost', async ({ page }) => {
  let arrive = (): void => {};
  const held = new Promise<void>((done) => (arrive = done));
  await page.route('**/*.wasm', async (route) => {
    await held;
    await route.continue();
  });
  await page.goto('/storage/deposit', { waitUntil: 'commit' });
  await page.getByLabel('Choose files').setInputFiles(tarFile('early.tar', bag('early')));
  arrive();
  await send(page);
  await kept(page, 'early.tar');
});

test('what is no package at all is refused in words', async ({ page, server }) => {
  await open(page, '/storage/deposit');
  await choose(page, { name: 'letter.tar', mimeType: 'application/x-tar', buffer: Buffer.from('Dear archive, this is only a letter.') });
  await choose(page, { name: 'nothing.tar', mimeType: 'application/x-tar', buffer: Buffer.alloc(0) });
  await expect(card(page, 'nothing.tar').getByText('This file is empty: there is nothing to keep.')).toBeVisible();
  await page.getByRole('button', { name: 'Deposit 1 package' }).click();
  await expect(badge(page, 'letter.tar')).toHaveText('refused', { timeout: 20_000 });
  await expect(card(page, 'letter.tar')).toContainText('none of the containers that are taken in: 7z, zip, tar or tar.gz');
  expect(await filesKept(server)).toEqual([]);
});

test('a package that is not a bag is kept, and it is said that it is none', async ({ page, server }) => {
  await open(page, '/storage/deposit');
  await choose(page, tarFile('as-received.tar', looseFiles([{ path: 'box 1/letter.txt', content: 'Dear archive\n' }])));
  await send(page);
  await kept(page, 'as-received.tar');
  await expect(card(page, 'as-received.tar').getByText('Not a bag', { exact: true })).toBeVisible();
  await card(page, 'as-received.tar').getByRole('link', { name: 'as-received' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'as-received' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Verification' })).toContainText('it carries no digests that they could be compared with');
  await expect(page.getByRole('region', { name: 'Workflows' })).toContainText('Deposit');
  expect(await filesKept(server)).toHaveLength(1);
});

test('a folder becomes one archive, byte for byte what is in it', async ({ page, server }) => {
  const top = await mkdtemp(join(tmpdir(), 'bag-'));
  try {
    const payload = [
      { path: 'letters/ä ö ü.txt', content: 'Grüße\n' },
      { path: `${'deep/'.repeat(30)}end.txt`, content: 'A path of more than a hundred characters.\n' },
      { path: 'film.mkv', content: randomBytes(300_000) },
    ];
    for (const { path, content } of bagFiles('fonds-12', payload)) {
      await mkdir(dirname(join(top, path)), { recursive: true });
      await writeFile(join(top, path), content);
    }
    await open(page, '/storage/deposit');
    await page.getByLabel('Choose a folder').setInputFiles(join(top, 'fonds-12'));
    await expect(card(page, 'fonds-12/')).toContainText('7 files');
    await send(page);
    await kept(page, 'fonds-12/');
    await expect(card(page, 'fonds-12/').getByText('Valid bag', { exact: true })).toBeVisible();
    const { items } = await archive(server.url).aips();
    expect(items.map(({ name, format }) => ({ name, format }))).toEqual([{ name: 'fonds-12', format: 'tar' }]);
  } finally {
    await rm(top, { recursive: true, force: true });
  }
});

test('an upload that was cut goes on where it stopped', async ({ page, server, allowConsole }) => {
  allowConsole(unreachable);
  const bytes = large();
  await open(page, '/storage/deposit');
  const offline = await throttle(page, 1_500_000);
  await choose(page, tarFile('film.tar', bytes));
  await send(page);
  await partly(page, 'film.tar');
  await offline(true);
  await expect(badge(page, 'film.tar')).toHaveText('interrupted');
  await expect(card(page, 'film.tar')).toContainText('What has arrived is kept, and sending goes on by itself.');
  await offline(false);
  await kept(page, 'film.tar');
  const { items } = await archive(server.url).aips();
  expect(items.map(({ sha256 }) => sha256)).toEqual([createHash('sha256').update(bytes).digest('hex')]);
});

test('also when the server was killed in between', async ({ page, server, allowConsole }) => {
  allowConsole(unreachable);
  const bytes = large();
  await open(page, '/storage/deposit');
  await throttle(page, 1_500_000);
  await choose(page, tarFile('film.tar', bytes));
  await send(page);
  await partly(page, 'film.tar');
  await server.stop('SIGKILL');
  await expect(badge(page, 'film.tar')).toHaveText('interrupted');
  await server.start();
  await card(page, 'film.tar').getByRole('button', { name: 'Try now' }).click();
  await kept(page, 'film.tar');
  const { items } = await archive(server.url).aips();
  expect(items.map(({ sha256 }) => sha256)).toEqual([createHash('sha256').update(bytes).digest('hex')]);
  expect(await filesKept(server), 'no piece of the first attempt is left').toHaveLength(1);
});

test('and when the page was loaded again: the same file is chosen once more', async ({ page, server, allowConsole }) => {
  allowConsole(unreachable);
  const folder = await mkdtemp(join(tmpdir(), 'film-'));
  try {
    // On disk, because a file that is chosen again is told by its name, size and time.
    const path = join(folder, 'film.tar');
    const bytes = large();
    await writeFile(path, bytes);
    await open(page, '/storage/deposit');
    await throttle(page, 1_500_000);
    await page.getByLabel('Choose files').setInputFiles(path);
    await send(page);
    await partly(page, 'film.tar');
    page.on('dialog', (dialog) => void dialog.accept());
    await page.reload();
    await expect(badge(page, 'film.tar')).toHaveText('unfinished');
    await expect(card(page, 'film.tar')).toContainText('arrived in an earlier visit. Choose the same file again to go on');
    await page.getByLabel('Choose files').setInputFiles(path);
    await kept(page, 'film.tar');
    const { items } = await archive(server.url).aips();
    expect(items.map(({ sha256 }) => sha256)).toEqual([createHash('sha256').update(bytes).digest('hex')]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('an upload that is called off leaves nothing behind', async ({ page, server, allowConsole }) => {
  allowConsole(answered(404));
  await open(page, '/storage/deposit');
  await throttle(page, 1_000_000);
  await choose(page, tarFile('film.tar', large()));
  await send(page);
  await partly(page, 'film.tar');
  await card(page, 'film.tar').getByRole('button', { name: 'Cancel' }).click();
  await expect(badge(page, 'film.tar')).toHaveText('canceled');
  await expect(card(page, 'film.tar')).toContainText('Called off. Nothing of it was kept.');
  await expect.poll(() => filesKept(server)).toEqual([]);
  expect((await archive(server.url).aips()).items).toEqual([]);
});

test('an upload goes on while other pages are looked at', async ({ page, server }) => {
  await open(page, '/storage/deposit');
  await throttle(page, 3_000_000);
  await choose(page, tarFile('film.tar', large()));
  await send(page);
  await partly(page, 'film.tar');
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'AIPs' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'AIPs' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'film', exact: true })).toBeVisible({ timeout: 20_000 });
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Deposit' }).click();
  await kept(page, 'film.tar');
  expect(await filesKept(server)).toHaveLength(1);
});
