import { readFile } from 'node:fs/promises';
import { test } from './driven';
import { answered, archive, expect, live, names, nobody, open, rows, staying, type Locator, type Page } from './fixtures';

const filters = (page: Page): Locator => page.getByRole('search', { name: 'Filter the AIPs' });
const tab = (page: Page, name: string): Locator => page.getByRole('navigation', { name: 'Status' }).getByRole('link', { name });
const pager = (page: Page): Locator => page.getByRole('navigation', { name: 'Pages' });
const column = (page: Page, name: string): Locator => page.getByRole('columnheader', { name });
const count = (page: Page): Locator => page.locator('.list__count');

/** Four AIPs in two locations, of three statuses, of three sizes. */
async function four(url: string): Promise<{ north: string }> {
  const api = archive(url);
  const north = await api.location('North wing', 'north');
  const [main] = (await api.locations()).filter(({ name }) => name === 'Main store');
  await api.announce('Delta', { status: 'pending', location_uuid: north });
  await api.announce('alpha', { location_uuid: main.uuid });
  await api.announce('Charlie', { status: 'queued' });
  await api.announce('Bravo', { location_uuid: north });
  return { north };
}

test.describe('filters', () => {
  test('by status, with counts', async ({ page, driven }) => {
    await four(driven.url);
    await open(page, '/storage/aips');
    const tabs = page.getByRole('navigation', { name: 'Status' }).getByRole('link');
    await expect(tabs).toHaveText(['All 4', 'Stored 2', 'Pending 1', 'Processing 0', 'Queued 1', 'Deleted 0', 'Unspecified 0']);
    const stayed = await staying(page);
    await tab(page, 'Stored 2').click();
    await expect(page).toHaveURL('/storage/aips?status=stored');
    await expect(rows(page)).toHaveCount(2);
    expect(await names(page)).toEqual(['Bravo', 'alpha']);
    await expect(tab(page, 'Stored 2')).toHaveAttribute('aria-current', 'page');
    await expect(tabs, 'the counts are of all statuses').toHaveText(['All 4', 'Stored 2', 'Pending 1', 'Processing 0', 'Queued 1', 'Deleted 0', 'Unspecified 0']);
    await tab(page, 'Deleted 0').click();
    await expect(page.getByText('No AIP matches these filters')).toBeVisible();
    await page.getByRole('link', { name: 'Show all AIPs' }).click();
    await expect(rows(page)).toHaveCount(4);
    await stayed();
  });

  test('by text and by location, together', async ({ page, driven }) => {
    const { north } = await four(driven.url);
    await open(page, '/storage/aips');
    const stayed = await staying(page);
    await filters(page).getByLabel('Location').selectOption('North wing');
    await filters(page).getByRole('button', { name: 'Apply' }).click();
    await expect(page).toHaveURL(`/storage/aips?location=${north}`);
    await expect(rows(page).getByRole('rowheader')).toHaveText(['Bravo', 'Delta']);
    await filters(page).getByLabel('Name, UUID or object key').fill('ELT');
    await filters(page).getByLabel('Name, UUID or object key').press('Enter');
    await expect(page).toHaveURL(`/storage/aips?query=ELT&location=${north}`);
    await expect(rows(page).getByRole('rowheader')).toHaveText(['Delta']);
    await expect(tab(page, 'All 1')).toBeVisible();
    await filters(page).getByRole('link', { name: 'Clear' }).click();
    await expect(rows(page)).toHaveCount(4);
    await expect(filters(page).getByLabel('Name, UUID or object key')).toHaveValue('');
    await expect(filters(page).getByLabel('Location')).toHaveValue('');
    await stayed();
  });

  test('by UUID and by object key', async ({ page, driven }) => {
    const api = archive(driven.url);
    const one = await api.announce('One');
    const two = await api.announce('Two');
    await open(page, `/storage/aips?query=${one.uuid}`);
    await expect(rows(page).getByRole('rowheader')).toHaveText(['One']);
    await page.getByRole('searchbox', { name: 'Search AIPs by name, UUID or object key' }).fill(two.object_key);
    await page.getByRole('searchbox', { name: 'Search AIPs by name, UUID or object key' }).press('Enter');
    await expect(rows(page).getByRole('rowheader')).toHaveText(['Two']);
  });

  test('by presets and by a range of time', async ({ page, driven }) => {
    await four(driven.url);
    await open(page, '/storage/aips');
    const when = filters(page).getByLabel('Deposited');
    await expect(when.getByRole('option')).toHaveText([
      'At any time', 'In the last 3 hours', 'In the last 6 hours', 'In the last 12 hours', 'In the last 1 day', 'In the last 3 days', 'In the last 7 days',
    ]);
    await when.selectOption('In the last 3 hours');
    await filters(page).getByRole('button', { name: 'Apply' }).click();
    await expect(page).toHaveURL('/storage/aips?deposited=3h');
    await expect(rows(page)).toHaveCount(4);

    await filters(page).getByText('Custom range').click();
    await filters(page).getByLabel('From (UTC)').fill('2001-01-01T00:00');
    await filters(page).getByLabel('To (UTC)').fill('2001-02-01T00:00');
    await filters(page).getByRole('button', { name: 'Apply' }).click();
    await expect(page).toHaveURL('/storage/aips?earliestCreatedTime=2001-01-01T00%3A00%3A00Z&latestCreatedTime=2001-02-01T00%3A00%3A00Z');
    await expect(page.getByText('No AIP matches these filters')).toBeVisible();
    await expect(filters(page).getByLabel('From (UTC)')).toHaveValue('2001-01-01T00:00');
    await expect(when).toHaveValue('');

    await filters(page).getByLabel('To (UTC)').fill('2000-01-01T00:00');
    await filters(page).getByRole('button', { name: 'Apply' }).click();
    await expect(page.getByText('The end of the time range lies before its start.')).toBeVisible();
  });
});

test('every column sorts both ways and says so', async ({ page, driven }) => {
  await four(driven.url);
  await open(page, '/storage/aips');
  const stayed = await staying(page);
  const order = (...expected: string[]) => expect(rows(page).getByRole('rowheader')).toHaveText(expected);
  await order('Bravo', 'Charlie', 'alpha', 'Delta');
  for (const name of ['Name', 'Status', 'Location', 'Size', 'Deposited']) await expect(column(page, name)).not.toHaveAttribute('aria-sort');

  const click = async (name: string, direction: 'ascending' | 'descending') => {
    await column(page, name).getByRole('link').click();
    await expect(column(page, name)).toHaveAttribute('aria-sort', direction);
    await expect(page.locator('th[aria-sort]')).toHaveCount(1);
  };
  await click('Name', 'ascending');
  await order('alpha', 'Bravo', 'Charlie', 'Delta');
  await click('Name', 'descending');
  await order('Delta', 'Charlie', 'Bravo', 'alpha');
  await click('Status', 'ascending');
  await order('Delta', 'Charlie', 'alpha', 'Bravo');
  await click('Status', 'descending');
  await order('Bravo', 'alpha', 'Charlie', 'Delta');
  await click('Deposited', 'descending');
  await order('Bravo', 'Charlie', 'alpha', 'Delta');
  await click('Deposited', 'ascending');
  await order('Delta', 'alpha', 'Charlie', 'Bravo');
  await click('Location', 'ascending');
  await expect(rows(page)).toHaveCount(4);
  const ascending = await names(page);
  await click('Location', 'descending');
  await order(...ascending.toReversed());
  await click('Size', 'descending');
  await click('Size', 'ascending');
  await expect(page).toHaveURL('/storage/aips?sort=size');
  await stayed();
});

test('pages, and how many rows they have', async ({ page, driven }) => {
  await archive(driven.url).fill(61);
  await open(page, '/storage/aips');
  const stayed = await staying(page);
  await expect(count(page)).toHaveText('Showing 1 to 20 of 61 AIPs');
  await expect(pager(page).getByText('Page 1 of 4')).toBeVisible();
  await expect(pager(page).getByRole('link', { name: 'First' })).toBeHidden();
  await pager(page).getByRole('link', { name: 'Next' }).click();
  await expect(page).toHaveURL('/storage/aips?page=2');
  await expect(count(page)).toHaveText('Showing 21 to 40 of 61 AIPs');
  await expect(rows(page).first()).toContainText('Series 41');
  await pager(page).getByRole('link', { name: 'Last' }).click();
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page).first()).toContainText('Series 01');
  await expect(pager(page).getByRole('link', { name: 'Next' })).toBeHidden();
  await pager(page).getByRole('link', { name: 'Previous' }).click();
  await expect(page).toHaveURL('/storage/aips?page=3');
  await pager(page).getByRole('link', { name: '50', exact: true }).click();
  await expect(page).toHaveURL('/storage/aips?limit=50');
  await expect(rows(page)).toHaveCount(50);
  await expect(pager(page).getByRole('link', { name: '50', exact: true })).toHaveAttribute('aria-current', 'true');
  await pager(page).getByRole('link', { name: '100', exact: true }).click();
  await expect(rows(page)).toHaveCount(61);
  await expect(count(page)).toHaveText('Showing all 61 AIPs');
  await pager(page).getByRole('link', { name: '20', exact: true }).click();
  await expect(page).toHaveURL('/storage/aips');
  await expect(rows(page)).toHaveCount(20);
  await stayed();
  await page.goto('/storage/aips?page=9');
  await expect(page.getByText('There is nothing on this page')).toBeVisible();
  await page.getByRole('link', { name: 'Go to the first page' }).click();
  await expect(rows(page)).toHaveCount(20);
});

test('the address is the state: back, forward and reload give the same screen', async ({ page, driven }) => {
  const { north } = await four(driven.url);
  await open(page, '/storage/aips');
  const screen = async () => ({
    url: page.url(),
    names: await names(page),
    query: await filters(page).getByLabel('Name, UUID or object key').inputValue(),
    location: await filters(page).getByLabel('Location').inputValue(),
    sorted: await page.locator('th[aria-sort]').allInnerTexts(),
    tab: await page.getByRole('navigation', { name: 'Status' }).locator('[aria-current]').allInnerTexts(),
  });
  const seen = [await screen()];
  const step = async (act: () => Promise<void>, path: string, ...expected: string[]) => {
    await act();
    await expect(page).toHaveURL(path);
    await expect(rows(page).getByRole('rowheader')).toHaveText(expected);
    await expect.poll(async () => (await screen()).query).toBe(new URL(page.url()).searchParams.get('query') ?? '');
    seen.push(await screen());
  };
  await step(() => column(page, 'Name').getByRole('link').click(), '/storage/aips?sort=name', 'alpha', 'Bravo', 'Charlie', 'Delta');
  await step(() => tab(page, 'Stored').click(), '/storage/aips?status=stored&sort=name', 'alpha', 'Bravo');
  await step(async () => {
    await filters(page).getByLabel('Location').selectOption('North wing');
    await filters(page).getByLabel('Name, UUID or object key').fill('br');
    await filters(page).getByRole('button', { name: 'Apply' }).click();
  }, `/storage/aips?query=br&status=stored&location=${north}&sort=name`, 'Bravo');

  for (const before of seen.slice(0, -1).reverse()) {
    await page.goBack();
    await expect.poll(screen).toEqual(before);
  }
  for (const after of seen.slice(1)) {
    await page.goForward();
    await expect.poll(screen).toEqual(after);
  }
  await page.reload();
  await live(page);
  expect(await screen()).toEqual(seen.at(-1));
  await page.goBack();
  await expect.poll(screen).toEqual(seen.at(-2));
});

test('an address that makes no sense is answered in words, part by part', async ({ page, driven, allowConsole }) => {
  allowConsole(answered(400));
  await four(driven.url);
  const answer = await page.goto('/storage/aips?status=gone&page=-1&limit=0&sort=colour&location=here&deposited=2h&earliestCreatedTime=soon');
  expect(answer?.status()).toBe(400);
  const alert = page.getByRole('alert').filter({ hasText: 'This list cannot be shown' });
  await expect(alert.getByRole('listitem')).toHaveCount(7);
  for (const value of ['gone', '-1', '0', 'colour', 'here', '2h', 'soon']) await expect(alert.getByRole('listitem').filter({ hasText: `"${value}"` })).toHaveCount(1);
  await live(page);
  await alert.getByRole('link', { name: 'Show all AIPs' }).click();
  await expect(rows(page)).toHaveCount(4);

  for (const harmless of ['?page=&status=', '?unknown=1&&=&x', '?query=%F0%9F&a=%', '?query=%22%3Cscript%3E']) {
    const answer = await page.goto(`/storage/aips${harmless}`);
    expect(answer?.status(), harmless).toBe(200);
    await live(page);
  }
});

test('what is exported is what is filtered', async ({ page, driven }) => {
  const { north } = await four(driven.url);
  await open(page, `/storage/aips?location=${north}&sort=name`);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Export as CSV' }).click()]);
  expect(download.suggestedFilename()).toBe('aips.csv');
  const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\r\n');
  expect(lines[0]).toBe('name,uuid,status,location,size,format,sha256,sha512,object_key,created_at');
  expect(lines.slice(1).map((line) => line.split(',').filter((_, at) => [0, 2, 3].includes(at)))).toEqual([
    ['Bravo', 'stored', 'North wing'],
    ['Delta', 'pending', 'North wing'],
  ]);
});

test('the AIPs of one location are the same list within it', async ({ page, driven }) => {
  const { north } = await four(driven.url);
  await open(page, `/storage/locations/${north}/aips`);
  await expect(rows(page).getByRole('rowheader')).toHaveText(['Bravo', 'Delta']);
  await expect(column(page, 'Location')).toHaveCount(0);
  await tab(page, 'Pending 1').click();
  await expect(page).toHaveURL(`/storage/locations/${north}/aips?status=pending`);
  await expect(rows(page).getByRole('rowheader')).toHaveText(['Delta']);
  await archive(driven.url).announce('Echo', { status: 'pending', location_uuid: north });
  await expect(rows(page).getByRole('rowheader')).toHaveText(['Echo', 'Delta']);
});

test('while things change, selection, focus and scrolling stay where they are', async ({ page, driven }) => {
  const api = archive(driven.url);
  const made = await api.fill(50);
  await open(page, '/storage/aips?sort=name&limit=50');
  const stayed = await staying(page);
  const link = page.getByRole('link', { name: 'Series 30', exact: true });
  await link.focus();
  await page.evaluate(() => window.scrollTo(0, 700));
  const selected = rows(page).filter({ hasText: 'Series 32' }).getByRole('rowheader');
  await selected.evaluate((cell) => getSelection()?.selectAllChildren(cell));
  const state = () => page.evaluate(() => ({ scroll: scrollY, selection: getSelection()?.toString(), focus: document.activeElement?.textContent }));
  const before = await state();
  expect(before).toEqual({ scroll: 700, selection: 'Series 32', focus: 'Series 30' });

  for (const at of [28, 29, 30, 31, 32]) await driven.call('set_aip_status', { uuid: made[at].uuid, status: 'processing' });
  await expect(rows(page).filter({ hasText: 'processing' })).toHaveCount(5);
  // It sorts to the end, which is on the next page; the counts tell that the list was fetched again.
  await api.announce('Series 99');
  await expect(count(page)).toHaveText('Showing 1 to 50 of 51 AIPs');
  expect(await state()).toEqual(before);
  await expect(link).toBeFocused();

  // One that belongs between them comes in, and what is looked at stays the same.
  await driven.call('create_aip', { body: { uuid: nobody, object_key: nobody, name: 'Series 29 b', status: 'stored' } });
  await expect(rows(page).filter({ hasText: 'Series 29 b' })).toBeVisible();
  const after = await state();
  expect({ ...after, scroll: 0 }).toEqual({ ...before, scroll: 0 });
  await expect(link).toBeFocused();
  await stayed();
});

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });

  test('the list is filtered, sorted and paged by its form and links', async ({ page, driven }) => {
    const api = archive(driven.url);
    await api.fill(25);
    const north = await api.location('North wing', 'north');
    await api.announce('Minutes 1987', { status: 'pending', location_uuid: north });

    await page.goto('/storage/aips');
    await expect(rows(page)).toHaveCount(20);
    await pager(page).getByRole('link', { name: 'Next' }).click();
    await expect(page).toHaveURL('/storage/aips?page=2');
    await expect(rows(page)).toHaveCount(6);
    await column(page, 'Name').getByRole('link').click();
    await expect(page).toHaveURL('/storage/aips?sort=name');
    await expect(rows(page).first()).toContainText('Minutes 1987');
    await expect(column(page, 'Name')).toHaveAttribute('aria-sort', 'ascending');

    await filters(page).getByLabel('Name, UUID or object key').fill('minutes');
    await filters(page).getByLabel('Location').selectOption('North wing');
    await filters(page).getByLabel('Deposited').selectOption('In the last 3 hours');
    await filters(page).getByRole('button', { name: 'Apply' }).click();
    await expect(rows(page).getByRole('rowheader')).toHaveText(['Minutes 1987']);
    await expect(filters(page).getByLabel('Name, UUID or object key')).toHaveValue('minutes');
    await expect(filters(page).getByLabel('Location')).toHaveValue(north);
    await expect(filters(page).getByLabel('Deposited')).toHaveValue('3h');
    await expect(column(page, 'Name'), 'the order stays').toHaveAttribute('aria-sort', 'ascending');

    await tab(page, 'Stored 0').click();
    await expect(page.getByText('No AIP matches these filters')).toBeVisible();
    await tab(page, 'Pending 1').click();
    await page.getByRole('link', { name: 'Minutes 1987' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Minutes 1987' })).toBeVisible();
  });
});
