import AxeBuilder from '@axe-core/playwright';
import { card, choose, send, tarFile } from './deposit';
import { answered, archive, bag, expect, nobody, open, test, type Page } from './fixtures';

test.use({ serverArgs: ['--demo'] });

const sizes = [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
];

/** What axe finds, one line per kind and place: everything in the light at full width and in the dark on a telephone, contrast also the other way round. */
async function findings(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const size of sizes) {
      await page.setViewportSize(size);
      const everything = (colorScheme === 'light') === (size === sizes[0]);
      // "Legacy" is without frames, of which there are none; otherwise axe opens another page for each look.
      const axe = new AxeBuilder({ page }).setLegacyMode();
      const { violations } = await (everything ? axe : axe.withRules(['color-contrast', 'link-in-text-block', 'target-size'])).analyze();
      for (const { id, help, nodes } of violations)
        found.push(`${colorScheme}, ${size.width}: ${id}: ${help} (${nodes.map((node) => `${node.target.join(' ')}: ${node.any[0]?.message ?? ''}`).join('; ')})`);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (overflow > 0) found.push(`${colorScheme}, ${size.width}: the page is ${overflow} pixels wider than the window`);
    }
  }
  return found;
}

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
    await page.setViewportSize(sizes[0]);
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

  await open(page, '/storage/locations/new');
  await page.getByRole('button', { name: 'Create location' }).click();
  await expect(page.getByRole('textbox', { name: 'Name', exact: true })).toHaveAttribute('aria-invalid', 'true');
  await look('a form that complains');

  await open(page, `/storage/locations/${await api.location('Empty', 'empty')}`);
  await page.getByRole('button', { name: 'Delete this location…' }).click();
  await look('a question');
  expect(found).toEqual([]);
});

test('nor on packages that are chosen, refused and kept', async ({ page }) => {
  await open(page, '/storage/deposit');
  await choose(page, tarFile('fonds.tar', bag('fonds', undefined, { 'data/hello.txt': 'spoiled' })), tarFile('letters.tar', bag('letters')));
  const found = await findings(page);
  await page.setViewportSize(sizes[0]);
  await send(page);
  await expect(card(page, 'fonds.tar').getByText('refused', { exact: true })).toBeVisible({ timeout: 20_000 });
  await expect(card(page, 'letters.tar').getByText(/^Kept as /)).toBeVisible({ timeout: 20_000 });
  found.push(...(await findings(page)));
  expect(found).toEqual([]);
});
