import { answered, connection, expect, live, nobody, open, rows, staying, test, archive, type Page } from './fixtures';

test.use({ serverArgs: ['--demo'] });

const photographs = 'fonds-12-photographs-1931';

/** The addresses of the demonstration archive, by what they are of. */
async function addresses(url: string): Promise<Record<string, string>> {
  const api = archive(url);
  const [{ uuid }] = (await api.aips(`?query=${photographs}`)).items;
  const location = (await api.locations()).find(({ name }) => name === 'Second store')?.uuid;
  return {
    overview: '/',
    aips: '/storage/aips',
    aip: `/storage/aips/${uuid}`,
    locations: '/storage/locations',
    create: '/storage/locations/new',
    location: `/storage/locations/${location}`,
    kept: `/storage/locations/${location}/aips`,
    edit: `/storage/locations/${location}/edit`,
    deposit: '/storage/deposit',
    activity: '/activity',
    tasks: '/tasks',
    system: '/system',
    about: '/about',
  };
}

test('the first HTML holds the data, a title, and one heading', async ({ request, server }) => {
  const holds: Record<string, [string, string[]]> = {
    overview: ['Overview', ['accession-2024-031-unprocessed', 'Main store', 'Second store', 'Recent activity']],
    aips: ['AIPs', [photographs, 'council-minutes-1954-1956', 'Main store', 'Showing all 5 AIPs']],
    aip: [photographs, [photographs, 'Main store', 'Valid bag', 'Verify package', 'SHA-256', 'was recorded as stored']],
    locations: ['Locations', ['Main store', 'Second store', 'Folder of the server']],
    create: ['New location', ['Create location']],
    location: ['Second store', ['Second store', 'A second place, as an archive should have.', '2 AIPs']],
    kept: ['Second store', ['council-minutes-1954-1956', 'Showing all 2 AIPs']],
    edit: ['Edit location', ['Second store', 'A second place, as an archive should have.']],
    deposit: ['Deposit', ['Main store', 'Choose files']],
    activity: ['Activity', [photographs, 'Filter the log', 'was recorded as stored']],
    tasks: ['Tasks', ['Tasks']],
    system: ['System', ['Main memory', 'Main store', 'Busiest processes', 'Measured']],
    about: ['About', ['Largest package', 'Unknown']],
  };
  const trails: Record<string, string[]> = {
    aip: ['AIPs', photographs],
    create: ['Locations', 'New location'],
    location: ['Locations', 'Second store'],
    kept: ['Locations', 'Second store', 'AIPs'],
    edit: ['Locations', 'Second store', 'Edit'],
  };
  for (const [page, path] of Object.entries(await addresses(server.url))) {
    const answer = await request.get(path);
    expect(answer.status(), path).toBe(200);
    expect(answer.headers()['content-type'], path).toBe('text/html; charset=utf-8');
    const html = await answer.text();
    // What the page says, without the data that goes along for the script.
    const text = html.replace(/<script\b.*?<\/script>/gs, '').replace(/<!.*?>/gs, '');
    const [title, words] = holds[page];
    expect(html, path).toContain(`<title>${title} · Strongroom</title>`);
    for (const word of words) expect(text, path).toContain(word);
    expect(text.match(/<h1\b/g), path).toHaveLength(1);
    expect(text, path).not.toContain('Loading…');
    const crumbs = text.match(/<nav aria-label="Breadcrumb".*?<\/nav>/s)?.[0].replace(/<[^>]*>/g, ' ').split(/\s\s+/).filter(Boolean);
    expect(crumbs, path).toEqual(trails[page] ?? [title]);
  }
});

test('every page wakes up without a word in the console, and is the one that the server wrote', async ({ page, server }) => {
  for (const path of Object.values(await addresses(server.url))) {
    await page.goto(path, { waitUntil: 'commit' });
    await live(page);
    await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
    await expect(page.getByText('No sign-in: this service answers on this machine only')).toBeVisible();
  }
});

test('pages are walked through by links without loading the document again, and the focus goes along', async ({ page }) => {
  await open(page, '/');
  const stayed = await staying(page);
  const walk = async (act: () => Promise<void>, title: string, heading = title) => {
    await act();
    await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible();
    await expect(page).toHaveTitle(`${title} · Strongroom`);
    await expect(page.getByRole('main')).toBeFocused();
  };
  const menu = page.getByRole('navigation', { name: 'Main' });
  await walk(() => menu.getByRole('link', { name: 'AIPs' }).click(), 'AIPs');
  await expect(menu.getByRole('link', { name: 'AIPs' })).toHaveAttribute('aria-current', 'page');
  await walk(() => page.getByRole('link', { name: photographs }).click(), photographs);
  await expect(menu.getByRole('link', { name: 'AIPs' })).toHaveAttribute('aria-current', 'true');
  await walk(() => page.getByRole('main').getByRole('link', { name: 'Main store' }).first().click(), 'Main store');
  await walk(() => page.getByRole('navigation', { name: 'Location' }).getByRole('link', { name: /^AIPs/ }).click(), 'Main store');
  await walk(() => page.getByRole('link', { name: 'oral-history-mill-workers-1978' }).click(), 'oral-history-mill-workers-1978');
  await walk(() => page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link', { name: 'AIPs' }).click(), 'AIPs');
  await walk(() => menu.getByRole('link', { name: 'Locations' }).click(), 'Locations');
  await walk(() => page.getByRole('link', { name: 'New location' }).click(), 'New location');
  await walk(() => menu.getByRole('link', { name: 'Deposit' }).click(), 'Deposit');
  await walk(() => menu.getByRole('link', { name: 'About' }).click(), 'About');
  await walk(() => menu.getByRole('link', { name: 'Overview' }).click(), 'Overview');
  await walk(() => page.goBack().then(() => undefined), 'About');
  await expect(connection(page)).toHaveText('Live');
  await stayed();
});

test('a page that cannot be fetched says so, and the application goes on', async ({ page, allowConsole }) => {
  allowConsole(/net::ERR_|split|Failed to fetch/);
  await page.route('**/pkg/split_aip.*.wasm', (route) => route.abort());
  await open(page, '/storage/aips');
  await rows(page).first().getByRole('rowheader').getByRole('link').click();
  await expect(page.getByRole('alert')).toContainText('This page could not be fetched');
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'AIPs' }).click();
  await live(page);
  await page.unroute('**/pkg/split_aip.*.wasm');
  await rows(page).first().getByRole('rowheader').getByRole('link').click();
  await expect(page.getByRole('heading', { name: 'Verification' })).toBeVisible();
});

test('what is not there is not found, with its status and ways on', async ({ page, allowConsole }) => {
  allowConsole(answered(404));
  const addresses = {
    'an address': '/nowhere/at/all',
    'an AIP': `/storage/aips/${nobody}`,
    'a location': `/storage/locations/${nobody}`,
    'a list of a location': `/storage/locations/${nobody}/aips`,
    'a form of a location': `/storage/locations/${nobody}/edit`,
    'an AIP by something else than a UUID': '/storage/aips/number-five',
    'a location by something else than a UUID': '/storage/locations/number-five',
  };
  for (const [what, path] of Object.entries(addresses)) {
    await test.step(what, async () => {
      const answer = await page.goto(path);
      expect(answer?.status()).toBe(404);
      await live(page);
      await expect(page.getByRole('heading', { level: 1, name: 'Not found' })).toBeVisible();
      await expect(page).toHaveTitle('Not found · Strongroom');
      if (path.endsWith('number-five')) await expect(page.getByText('What stands in this address is not one.')).toBeVisible();
      await page.getByRole('main').getByRole('link', { name: 'All AIPs' }).click();
      await expect(rows(page)).toHaveCount(5);
    });
  }
});

test.describe('by keyboard', () => {
  test('the first key press offers the way to the content', async ({ page }) => {
    await open(page, '/storage/aips');
    const skip = page.getByRole('link', { name: 'Skip to the content' });
    await page.keyboard.press('Tab');
    await expect(skip).toBeFocused();
    await expect(skip).toBeInViewport();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('main')).toBeFocused();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.querySelector('main')?.contains(document.activeElement)), 'the next one is in the content').toBe(true);
  });

  test('a slash goes to the search, except where text is typed', async ({ page }) => {
    await open(page, '/');
    const search = page.getByRole('searchbox', { name: 'Search AIPs by name, UUID or object key' });
    await page.keyboard.press('/');
    await expect(search).toBeFocused();
    await expect(search).toHaveValue('');
    await page.keyboard.type('a/b');
    await expect(search).toHaveValue('a/b');
    await search.fill('photographs');
    await page.keyboard.press('Enter');
    await expect(rows(page).getByRole('rowheader')).toHaveText([photographs]);
    await expect(search).toHaveValue('photographs');
  });

  test('everything that can be pressed shows that it has the focus', async ({ page, server }) => {
    const { aips, aip } = await addresses(server.url);
    for (const path of [aips, aip]) {
      await open(page, path);
      const seen = new Set<string>();
      for (let at = 0; at < 80; at += 1) {
        await page.keyboard.press('Tab');
        const found = await page.evaluate(() => {
          const element = document.activeElement;
          if (!element || element === document.body) return undefined;
          const style = getComputedStyle(element);
          const box = element.getBoundingClientRect();
          const shown = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
          return { name: element.outerHTML.slice(0, 120), shown: shown || style.boxShadow !== 'none', box: box.width > 0 && box.height > 0 };
        });
        if (!found) break;
        seen.add(found.name);
        expect(found, found.name).toMatchObject({ shown: true, box: true });
      }
      expect(seen.size).toBeGreaterThan(15);
    }
  });
});

test('the theme and the sidebar stay as they were left', async ({ page }) => {
  await open(page, '/');
  const root = page.locator('html');
  await page.getByLabel('Theme').selectOption('Dark theme');
  await expect(root).toHaveAttribute('data-theme', 'dark');
  const menu = page.getByRole('button', { name: 'Menu' });
  await menu.click();
  await expect(menu).toHaveAttribute('aria-expanded', 'false');
  await page.reload({ waitUntil: 'commit' });
  await expect(root).toHaveAttribute('data-theme', 'dark');
  await live(page);
  await expect(page.getByLabel('Theme')).toHaveValue('dark');
  await expect(menu).toHaveAttribute('aria-expanded', 'false');
  await menu.click();
  await page.getByLabel('Theme').selectOption('System theme');
  await expect(root).not.toHaveAttribute('data-theme');
});

test('identifiers are copied by a button that says so', async ({ page, context, server }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const { aip } = await addresses(server.url);
  await open(page, aip);
  await page.getByRole('button', { name: 'Copy UUID' }).click();
  await expect(page.getByText('Copied', { exact: true })).toBeVisible();
  expect(aip).toContain(await page.evaluate(() => navigator.clipboard.readText()));
});

test('times are those of the reader, and UTC for whoever asks', async ({ anotherWindow, server }) => {
  const { aip } = await addresses(server.url);
  const page: Page = await anotherWindow({ timezoneId: 'Asia/Kathmandu' });
  await open(page, aip);
  const time = page.locator('main time').first();
  await expect(time).toHaveText(/^\d{4}-\d\d-\d\d \d\d:\d\d UTC\+5:45$/);
  await expect(time).toHaveAttribute('title', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/);
  await expect(time).toHaveAttribute('datetime', /Z$/);
});

test('nothing moves once a page was painted', async ({ page, server }) => {
  await page.addInitScript(() => {
    type Shift = PerformanceEntry & { hadRecentInput: boolean; sources: { node?: Node; previousRect: DOMRectReadOnly; currentRect: DOMRectReadOnly }[] };
    const shifts: string[] = [];
    Object.assign(window, { shifts });
    const place = ({ x, y, width, height }: DOMRectReadOnly) => [x, y, width, height].map(Math.round).join(' ');
    new PerformanceObserver((list) => {
      for (const { startTime, hadRecentInput, sources } of list.getEntries() as Shift[])
        if (!hadRecentInput)
          shifts.push(`after ${Math.round(startTime)} ms: ${sources.map(({ node, previousRect, currentRect }) => `${(node as Element)?.className} from ${place(previousRect)} to ${place(currentRect)}`).join(', ')}`);
    }).observe({ type: 'layout-shift', buffered: true });
  });
  for (const size of [{ width: 1280, height: 800 }, { width: 390, height: 844 }]) {
    await page.setViewportSize(size);
    for (const path of Object.values(await addresses(server.url))) {
      await open(page, path);
      expect(await page.evaluate(() => (window as unknown as { shifts: string[] }).shifts), `${path} at ${size.width}`).toEqual([]);
    }
  }
});
