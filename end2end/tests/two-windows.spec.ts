import { depositByHand, tarFile } from './deposit';
import { archive, bag, connection, expect, live, names, open, rows, staying, test, unreachable, type Page } from './fixtures';

const newcomers = (page: Page, count: number) => page.getByRole('link', { name: `${count} new`, exact: true });

/** Opens both pages of a list of 25 and remembers where each row of the second is. */
async function watch(first: Page, second: Page) {
  await open(first, '/storage/aips');
  await open(second, '/storage/aips?page=2');
  await expect(rows(first)).toHaveCount(20);
  await expect(rows(second)).toHaveCount(5);
  const places = async () => ({ names: await names(second), boxes: await Promise.all((await rows(second).all()).map((row) => row.boundingBox())) });
  return { stayed: [await staying(first), await staying(second)], places, before: await places() };
}

async function goToFirstPage(page: Page, name: string, count = 1): Promise<void> {
  await newcomers(page, count).click();
  await expect(page).toHaveURL(/\/storage\/aips$/);
  await expect(rows(page).first()).toContainText(name);
  await expect(newcomers(page, count)).toBeHidden();
}

test('a deposit in one window appears in the others as it happens', async ({ page, anotherWindow, server }) => {
  await archive(server.url).fill(25);
  const second = await anotherWindow();
  const watched = await watch(page, second);

  const depositor = await anotherWindow();
  await open(depositor, '/');
  await depositByHand(depositor, tarFile('harbour-plans.tar', bag('harbour-plans')));

  await expect(rows(page).first()).toContainText('harbour-plans');
  await expect(rows(page)).toHaveCount(20);
  await expect(page.getByText('Showing 1 to 20 of 26 AIPs')).toBeVisible();

  await expect(newcomers(second, 1)).toBeVisible();
  expect(await watched.places(), 'no row moved').toEqual(watched.before);
  await goToFirstPage(second, 'harbour-plans');
  for (const stayed of watched.stayed) await stayed();
});

test('the server goes and comes back: what changed meanwhile is there, and changes go on appearing', async ({ page, anotherWindow, server, allowConsole }) => {
  allowConsole(unreachable);
  await archive(server.url).fill(25);
  const second = await anotherWindow();
  const watched = await watch(page, second);

  await server.stop();
  for (const window of [page, second]) await expect(connection(window)).toHaveText('Service restarts');
  expect(await names(page), 'what was on screen stays').toHaveLength(20);
  await server.elsewhere(async (url) => void (await archive(url).announce('Made while the server was away')));
  await server.start();
  for (const window of [page, second]) await live(window);

  await expect(rows(page).first()).toContainText('Made while the server was away');
  // What was missed is handed over as if it happened now, so nobody's page jumps.
  await expect(newcomers(second, 1)).toBeVisible();
  expect(await watched.places(), 'no row moved').toEqual(watched.before);
  const depositor = await anotherWindow();
  await open(depositor, '/');
  await depositByHand(depositor, tarFile('harbour-plans.tar', bag('harbour-plans')));
  await expect(rows(page).first()).toContainText('harbour-plans');
  await expect(newcomers(second, 2)).toBeVisible();
  expect(await watched.places(), 'no row moved').toEqual(watched.before);
  await goToFirstPage(second, 'harbour-plans', 2);
  for (const stayed of watched.stayed) await stayed();
});

test('a server that was killed in the middle comes back as well', async ({ page, server, allowConsole }) => {
  allowConsole(unreachable);
  await archive(server.url).fill(3);
  await open(page, '/storage/aips');
  const stayed = await staying(page);
  await server.stop('SIGKILL');
  await expect(connection(page)).toHaveText('Reconnecting');
  await server.start();
  await live(page);
  await archive(server.url).announce('After the power cut');
  await expect(rows(page).first()).toContainText('After the power cut');
  await stayed();
});
