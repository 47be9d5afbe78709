import { answered, connection, expect, open, staying, test, type Page } from './fixtures';
import { countRequests, listen } from './frames';

// Every second, so that no test waits for long.
test.use({ serverEnv: { WS_METRICS_INTERVAL: '1000' } });

const mode = (page: Page) => page.locator('.system__mode').getByRole('status');
const measured = (page: Page) => page.locator('.system__mode time');
const region = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

/** As the browser does when another tab is put in front of this one, which cannot be had without a screen. */
const turn = (page: Page, state: 'hidden' | 'visible') =>
  page.evaluate((to) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => to });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  }, state);

/** Has the live connection of a page go through here; while `cut`, there is none. */
async function relay(page: Page): Promise<{ cut: boolean }> {
  const line = { cut: false };
  await page.routeWebSocket(/\/api\/storage\/monitor/, (socket) => {
    if (line.cut) return void socket.close();
    const upstream = socket.connectToServer();
    socket.onMessage((message) => upstream.send(message));
    upstream.onMessage((message) => (line.cut ? socket.close() : socket.send(message)));
  });
  return line;
}

/** What the page says of itself after another second of its clock. */
const modeLater = (page: Page) => async () => (await page.clock.runFor(1_000), await mode(page).textContent());

test('the machine is seen as it is now, in the first HTML and live', async ({ page, request }) => {
  const html = (await (await request.get('/system')).text()).replace(/<script\b.*?<\/script>/gs, '');
  for (const words of ['Processor', 'Main memory', 'Swap', 'Disks', 'Main store', 'Network', 'Busiest processes', 'Live connections']) expect(html).toContain(words);

  await open(page, '/system');
  const stayed = await staying(page);
  await expect(mode(page)).toHaveText('Live');
  const first = await measured(page).getAttribute('datetime');
  await expect(measured(page)).not.toHaveAttribute('datetime', first ?? '');
  await expect(region(page, 'Processor').getByRole('progressbar').first()).toBeVisible();
  await expect(region(page, 'Disks').getByRole('link', { name: 'Main store' })).toBeVisible();
  await expect(region(page, 'Strongroom itself')).toContainText(/Live connections\s*1/);
  await expect(page.getByRole('heading', { name: 'Busiest processes' })).toBeVisible();
  await stayed();
});

test('each chart has a table behind it', async ({ page }) => {
  await open(page, '/system');
  await expect(mode(page)).toHaveText('Live');
  const charts = page.getByRole('figure');
  await expect(charts).toHaveCount(6);
  const memory = charts.filter({ hasText: 'Memory as a table' });
  await memory.getByText('Memory as a table').press('Enter');
  const rows = memory.getByRole('table').getByRole('row');
  await expect(rows).toHaveCount(11);
  await expect(rows.nth(1)).toContainText(/1 to 0.*%.*%.*%/);
  await expect(rows.nth(10)).toContainText('not measured');
  await expect.poll(() => memory.locator('.chart__line').getAttribute('d'), 'what follows without a gap is a line').toMatch(/M[\d.]+,[\d.]+L[\d.]+,[\d.]+/);
});

test('without a connection it is polled, and it is live again by itself', async ({ page }) => {
  const line = await relay(page);
  await page.clock.install();
  await open(page, '/system');
  await expect.poll(modeLater(page)).toContain('Live');
  line.cut = true;
  const asked = countRequests(page, /^\/api\/system\/metrics$/);
  await expect.poll(modeLater(page)).toContain('Polling');
  const before = await measured(page).getAttribute('datetime');
  await page.clock.runFor(11_000);
  await expect.poll(asked, 'it asks by itself').toBeGreaterThan(0);
  // The page's clock is played, the server's is not: what it looked at within its interval is what it answers with.
  const newest = async () => (await page.clock.runFor(11_000), await measured(page).getAttribute('datetime'));
  await expect.poll(newest, { timeout: 20_000 }).not.toBe(before);
  await expect(mode(page)).toHaveText('Polling');
  line.cut = false;
  await expect.poll(modeLater(page), { timeout: 20_000 }).toContain('Live');
});

test('while nothing can be had the page says so and shows what it had', async ({ page, allowConsole }) => {
  allowConsole(answered(503));
  const line = await relay(page);
  let down = false;
  const body = JSON.stringify({ name: 'not_available', id: 'x', message: 'The machine does not tell.', temporary: true, timeout: false, fault: true });
  await page.route('**/api/system/metrics', (route) => (down ? route.fulfill({ status: 503, contentType: 'application/json', body }) : route.continue()));
  await page.clock.install();
  await open(page, '/system');
  await expect.poll(modeLater(page)).toContain('Live');
  const trouble = page.getByText('How busy the machine is cannot be told at the moment.');
  [line.cut, down] = [true, true];
  await expect.poll(async () => (await page.clock.runFor(11_000), await trouble.count())).toBe(1);
  await expect(trouble).toContainText('The machine does not tell.');
  await expect(mode(page)).toHaveText('Polling');
  await expect(region(page, 'Disks').getByRole('link', { name: 'Main store' })).toBeVisible();

  down = false;
  await expect.poll(async () => (await page.clock.runFor(11_000), await trouble.count()), 'the next poll brings something').toBe(0);
  down = true;
  await expect.poll(async () => (await page.clock.runFor(11_000), await trouble.count())).toBe(1);
  line.cut = false;
  await expect.poll(modeLater(page), { timeout: 20_000 }).toContain('Live');
  await expect(trouble).toHaveCount(0);
});

test('a page that nobody sees asks for nothing, and catches up when it is looked at', async ({ page }) => {
  const wire = listen(page);
  await page.clock.install();
  await open(page, '/system');
  await expect.poll(modeLater(page)).toContain('Live');
  await turn(page, 'hidden');
  await expect.poll(async () => (await page.clock.runFor(500), wire.sent('unsubscribe').at(-1)?.topics)).toEqual(['metrics']);
  await expect(mode(page)).toHaveText('Paused');
  await expect.poll(() => wire.came('subscribed').at(-1)?.topics).not.toContain('metrics');
  const asked = countRequests(page, /^\/api\/system\/metrics$/);
  const samples = wire.came('metrics').length;
  await page.clock.runFor(30_000);
  expect(asked(), 'nothing is asked for').toBe(0);
  expect(wire.came('metrics').length, 'nothing comes').toBe(samples);

  await turn(page, 'visible');
  await expect.poll(asked, 'what is now is asked for at once').toBe(1);
  await expect.poll(async () => (await page.clock.runFor(500), await mode(page).textContent())).toContain('Live');
  await expect(connection(page)).toHaveText('Live');
});

test('all who look are told the same at the same time', async ({ page, anotherWindow }) => {
  const other = await anotherWindow();
  const wires = [page, other].map(listen);
  await open(page, '/system');
  await open(other, '/system');
  await expect.poll(() => wires[1].came('metrics').length).toBeGreaterThan(2);
  const [one, two] = wires.map((wire) => wire.came('metrics').map(({ timestamp }) => timestamp));
  const common = two.filter((timestamp) => one.includes(timestamp));
  expect(common.length, 'one sampler for both').toBeGreaterThanOrEqual(two.length - 1);
});

test('it can be read on a telephone', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page, '/system');
  await expect(mode(page)).toHaveText('Live');
  expect(await page.evaluate(() => document.documentElement.scrollWidth), 'nothing is wider than the screen').toBeLessThanOrEqual(390);
});
