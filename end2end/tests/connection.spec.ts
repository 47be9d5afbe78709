import { archive, connection, expect, live, open, rows, staying, test, unreachable, type Page } from './fixtures';

const indicator = (page: Page) => page.locator('details.connection');
const details = (page: Page) => indicator(page).locator('.connection__details');

test('each state has its word, its sentence and its way on', async ({ page, server, allowConsole }) => {
  allowConsole(unreachable);
  let letGo = (): void => {};
  const held = new Promise<void>((done) => (letGo = done));
  await page.route('**/api/storage/monitor', async (route) => {
    await held;
    await route.continue();
  });

  const asked = page.waitForRequest('**/api/storage/monitor');
  await page.goto('/');
  await asked;
  await expect(connection(page)).toHaveText('Connecting');
  await indicator(page).locator('summary').click();
  await expect(details(page)).toContainText('The page shows how things stood when it was loaded.');
  await expect(details(page).getByRole('button')).toHaveText(['Stop live updates']);

  letGo();
  await live(page);
  await expect(details(page)).toContainText('Every change appears here as it happens.');
  await expect(indicator(page).locator('.connection__fresh')).toHaveText(/^\d\d:\d\d:\d\d$/);
  await expect(details(page).getByRole('button')).toHaveText(['Stop live updates']);

  await details(page).getByRole('button', { name: 'Stop live updates' }).click();
  await expect(connection(page)).toHaveText('Not live');
  await expect(details(page)).toContainText('Live updates were stopped.');
  await expect(indicator(page).locator('.connection__fresh')).toHaveText(/^updated \d+ s ago$/);
  await expect(details(page).getByRole('button')).toHaveText(['Start live updates']);
  await details(page).getByRole('button', { name: 'Start live updates' }).click();
  await live(page);

  await server.stop();
  await expect(connection(page)).toHaveText('Service restarts');
  await expect(details(page)).toContainText('The service restarts. Nothing is lost with it');
  await expect(details(page)).toContainText(/Next attempt\s*(now|in \d+ s)/);
  await expect(indicator(page).locator('.connection__fresh')).toHaveText(/^updated \d+ s ago$/);
  await expect(details(page).getByRole('button')).toHaveText(['Try now', 'Stop live updates']);
  await server.start();
  await live(page);
  await expect(details(page)).toContainText(/Restarts of the service\s*once/);

  await server.stop('SIGKILL');
  await expect(connection(page)).toHaveText('Reconnecting');
  await expect(details(page)).toContainText('The connection was lost. Nothing is lost with it');
  await expect(details(page)).toContainText(/number \d+ (now|in \d+ s)/);
  await expect(details(page).getByRole('button')).toHaveText(['Try now', 'Stop live updates']);
  await server.start();
  await live(page);
  await expect(details(page)).toContainText(/Restarts of the service\s*2 times/);
  await expect(details(page)).toContainText(/Read anew in doubt\s*0 times/);
});

test('Try now does not wait, and what was missed is there', async ({ page, server, allowConsole }) => {
  allowConsole(unreachable);
  await page.clock.install();
  await open(page, '/storage/aips');
  const stayed = await staying(page);
  await indicator(page).locator('summary').click();
  await server.stop();
  await expect(connection(page)).toHaveText('Service restarts');
  // From here on no timer of the page runs: only a press of the button can bring the connection back.
  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 60_000));
  await expect(details(page)).toContainText(/in \d+ s/);
  await server.start();
  await archive(server.url).announce('Made meanwhile');
  await expect(connection(page)).toHaveText('Service restarts');
  await details(page).getByRole('button', { name: 'Try now' }).click();
  await live(page);
  // What was missed is handed over; the list is asked for anew a moment later.
  await page.clock.runFor(1_000);
  await expect(rows(page).first()).toContainText('Made meanwhile');
  await stayed();
});

test('while live updates are stopped the page fetches by itself, and says how old it is', async ({ page, server }) => {
  await page.clock.install();
  await open(page, '/storage/aips');
  const stayed = await staying(page);
  await indicator(page).locator('summary').click();
  await details(page).getByRole('button', { name: 'Stop live updates' }).click();
  await expect(connection(page)).toHaveText('Not live');
  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 1_000));
  await archive(server.url).announce('Made meanwhile');
  await expect(page.getByText('No AIPs are kept here yet')).toBeVisible();
  await page.clock.runFor(10_000);
  await expect(rows(page).first()).toContainText('Made meanwhile');
  await page.clock.runFor(5_000);
  await expect(indicator(page).locator('.connection__fresh')).toHaveText(/^updated \d s ago$/);
  await expect(connection(page)).toHaveText('Not live');
  await stayed();
});

test('a computer that goes offline and comes back', async ({ page, context, server, allowConsole }) => {
  allowConsole(unreachable);
  await open(page, '/storage/aips');
  const stayed = await staying(page);
  await context.setOffline(true);
  await expect(connection(page)).toHaveText('Reconnecting');
  await archive(server.url).announce('Made meanwhile');
  await context.setOffline(false);
  await live(page);
  await expect(rows(page).first()).toContainText('Made meanwhile');
  await stayed();
});

test('a sign-in that is asked for ends the attempts, and says so', async ({ page, allowConsole }) => {
  allowConsole(/status of 401/);
  let attempts = 0;
  await page.route('**/api/storage/monitor', (route) => {
    attempts += 1;
    return route.fulfill({ status: 401, contentType: 'application/json', body: '"Unauthorized"' });
  });
  await page.clock.install();
  await page.goto('/');
  await expect(connection(page)).toHaveText('Not live');
  await indicator(page).locator('summary').click();
  await expect(details(page)).toContainText('The service asks for a sign-in.');
  await page.clock.runFor(120_000);
  expect(attempts, 'no attempt goes on meanwhile').toBe(1);
});
