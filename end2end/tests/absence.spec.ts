import { answered, archive, connection, expect, live, names, open, rows, staying, test, unreachable, type Page } from './fixtures';
import { listen } from './frames';
import { administered, signIn, test as people } from './people';
import { Network } from './proxy';

const details = (page: Page) => page.locator('details.connection .connection__details');
const times = (page: Page, what: RegExp) => details(page).locator('div', { hasText: what }).locator('dd');

/** The screen shows what the service has, and the page had no doubt about how it came to that. */
async function right(page: Page, url: string): Promise<void> {
  await live(page);
  const { items } = await archive(url).aips();
  await expect(rows(page).getByRole('rowheader')).toHaveText(items.map(({ name }) => name));
  expect(await names(page)).toHaveLength(items.length);
}

/** As the browser does when another tab is put in front of this one, which cannot be had without a screen. */
const turn = (page: Page, state: 'hidden' | 'visible') =>
  page.evaluate((to) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => to });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  }, state);

test('a page that is hidden for a minute gives its connection back, and is right again when it is looked at', async ({ page, server }) => {
  await page.clock.install();
  const wire = listen(page);
  await open(page, '/storage/aips');
  const stayed = await staying(page);
  await turn(page, 'hidden');
  await archive(server.url).announce('Made in the first minute');
  await expect(rows(page).first(), 'for a minute it goes on').toContainText('Made in the first minute');
  await page.clock.runFor(61_000);
  await expect(connection(page)).toHaveText('Paused');
  await expect.poll(() => wire.open()).toBe(0);
  await archive(server.url).announce('Made unseen');
  await turn(page, 'visible');
  await page.clock.runFor(1_000);
  await right(page, server.url);
  expect(wire.came('session.restored').at(-1)?.replayed, 'what was missed was handed over').toBe(1);
  await stayed();
});

test('a page that the browser freezes is right again when it thaws', async ({ page, server }) => {
  await page.clock.install();
  const wire = listen(page);
  await open(page, '/storage/aips');
  const stayed = await staying(page);
  // Without a screen no page is frozen: what it is told, and that its timers stand still, is as if it were.
  await page.evaluate(() => document.dispatchEvent(new Event('freeze')));
  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 1_000));
  await expect.poll(() => wire.open()).toBe(0);
  await archive(server.url).fill(5);
  await page.clock.resume();
  await page.evaluate(() => document.dispatchEvent(new Event('resume')));
  await right(page, server.url);
  expect(wire.came('session.restored').at(-1)?.replayed, 'what was missed was handed over').toBe(5);
  await stayed();
});

test('a network that falls silent without an end is noticed, though the browser thinks that it is connected', async ({ page, server, allowConsole }) => {
  allowConsole(unreachable);
  const network = await Network.to(server.url);
  try {
    await page.clock.install();
    const wire = listen(page);
    await page.goto(`${network.url}/storage/aips`);
    await live(page);
    const stayed = await staying(page);
    network.fallSilent();
    await archive(server.url).announce('Made in silence');
    await page.clock.runFor(20_000);
    await expect(connection(page), 'two heartbeats may be late').toHaveText('Live');
    await page.clock.runFor(5_500);
    await expect(connection(page)).toHaveText('Reconnecting');
    network.recover();
    await page.clock.runFor(1_000);
    await expect.poll(async () => (await page.clock.runFor(1_000), await connection(page).textContent())).toBe('Live');
    await page.clock.runFor(1_000);
    await right(page, server.url);
    expect(wire.opened()).toBe(2);
    await expect(times(page, /^Read anew in doubt/)).toHaveText('0 times');
    await stayed();
  } finally {
    await network.close();
  }
});

const briefly = people.extend({
  serverEnv: async ({ serverEnv }, use) => use({ ...serverEnv, STRONGROOM_SESSION_IDLE_SECONDS: '20' }),
});

briefly('a connection is renewed before the sign-in behind it ends, without a gap', async ({ page, server, provider }) => {
  const wire = listen(page);
  await signIn(page, 'administrator', '/storage/aips');
  const opened = wire.opened();
  await expect.poll(() => wire.came('session.renewed').length, { timeout: 30_000 }).toBeGreaterThan(0);
  expect(wire.sent('session.renew').length).toBeGreaterThan(0);
  await (await administered(server.url, provider)).announce('Harbour plans');
  await expect(rows(page).first()).toContainText('Harbour plans');
  expect(wire.opened()).toBe(opened);
});

people('signing out in one tab ends what all of them share, and leads each to the sign-in', async ({ page, context, provider, allowConsole }) => {
  allowConsole(answered(401));
  await signIn(page, 'reader', '/storage/aips');
  const second = await context.newPage();
  const wire = listen(second);
  await open(second, '/storage/locations');
  expect(wire.opened(), 'the other tab has the connection').toBe(0);
  await page.locator('.person summary').click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL((url) => url.href.startsWith(provider.issuer) || url.pathname === '/user/signin');
  await expect(second).toHaveURL(/\/user\/signin/);
});
