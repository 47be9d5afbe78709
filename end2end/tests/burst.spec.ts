import { test } from './driven';
import { archive, expect, live, names, open, rows, staying, type Aip, type Page } from './fixtures';
import { countRequests } from './frames';

const CHANGES = 10_000;
const SECONDS = 10;

const tabs = (page: Page) => page.getByRole('navigation', { name: 'Status' }).getByRole('link');

test('ten thousand changes in ten seconds leave somebody on the third page where they were', async ({ page, driven }) => {
  test.setTimeout(300_000);
  const api = archive(driven.url);
  const locations = [await api.location('North wing', 'north'), await api.location('South wing', 'south')];
  // Those on the first three pages stay where the filter has them, and move; those after them come and go.
  const moving = await api.fill(60, 'Series', { location_uuid: locations[1] });
  const changing = [...(await api.fill(20, 'Some')), ...(await api.fill(20, 'Volume', { status: 'pending' }))];
  const address = '?status=stored&sort=name&limit=20&page=3';
  const asked = '?status=stored&sort=name&limit=20&offset=40';
  await page.setViewportSize({ width: 1280, height: 500 });
  await open(page, `/storage/aips${address}`);
  await expect(rows(page)).toHaveCount(20);
  const before = await names(page);
  const stayed = await staying(page);
  // Where they are: the keyboard is in one row, a word of another is selected, and the page is scrolled.
  await rows(page).nth(10).getByRole('link').first().focus();
  await page.evaluate(() => {
    const cell = document.querySelectorAll('tbody tr')[12].querySelector('th a')?.firstChild;
    if (cell) getSelection()?.setBaseAndExtent(cell, 0, cell, 6);
    scrollTo(0, 300);
  });
  const place = () =>
    page.evaluate(() => ({
      scroll: scrollY,
      focus: document.activeElement?.textContent,
      selection: getSelection()?.toString(),
      url: location.pathname + location.search,
    }));
  const was = await place();
  expect(was.scroll).toBe(300);
  const requests = countRequests(page, /^\/api\//);

  const uuids = (aips: Aip[]) => aips.map(({ uuid }) => uuid);
  const took = await driven.call<number>('burst', { moving: uuids(moving), locations, changing: uuids(changing), changes: CHANGES, seconds: SECONDS });

  // What is on screen settles a second later at most; then it is what the service has.
  const { items, page: { total } } = await api.aips(asked);
  const counts = async () => Promise.all(['', '?status=stored', '?status=pending'].map(async (of) => (await api.aips(of)).page.total));
  const [all, kept, pending] = await counts();
  await expect(tabs(page).nth(0)).toHaveText(`All ${all}`);
  await expect(tabs(page).nth(1)).toHaveText(`Stored ${kept}`);
  await expect(tabs(page).nth(2)).toHaveText(`Pending ${pending}`);
  await expect(rows(page).getByRole('rowheader')).toHaveText(items.map(({ name }) => name));
  const named = new Map((await api.locations()).map(({ uuid, name }) => [uuid, name]));
  await expect(rows(page).locator('.cell--location')).toHaveText(items.map(({ location_uuid }) => named.get(location_uuid ?? '') ?? '?'));
  expect(await names(page)).toEqual(before);
  await expect(page.getByText(`Showing 41 to 60 of ${total} AIPs`)).toBeVisible();
  await live(page);
  expect(await place(), 'the same page, scroll, keyboard focus and selection').toEqual(was);
  const applied = page.locator('details.connection .connection__details div', { hasText: /^Events applied/ }).locator('dd');
  await expect(applied).toHaveText(CHANGES.toLocaleString('en-GB'));
  // One list a second while it changes, and one more after.
  expect(requests(), `requests in ${took} ms`).toBeLessThan((took / 1_000) * 2 + 5);
  await stayed();
});
