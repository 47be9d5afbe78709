import { archive, expect, live, open, rows, test } from './fixtures';

// Playwright keeps pages out of the back/forward cache; people's browsers do not.
test.use({ launchOptions: async ({ launchOptions }, use) => use({ ...launchOptions, ignoreDefaultArgs: ['--disable-back-forward-cache'] }) });

test('a page that comes back from the cache is live again and shows what changed', async ({ page, server }) => {
  await open(page, '/storage/aips');
  await page.evaluate(() => addEventListener('pageshow', (event) => Object.assign(window, { restored: event.persisted })));
  // Another document, so that this one is put away as a whole.
  await page.evaluate(() => void (location.href = '/about'));
  await page.waitForURL('**/about');
  await live(page);
  await archive(server.url).announce('Made meanwhile');
  await page.evaluate(() => history.back());
  await expect.poll(() => page.evaluate(() => (window as { restored?: boolean }).restored), 'it was in the cache').toBe(true);
  await live(page);
  await expect(rows(page).first()).toContainText('Made meanwhile');
});
