import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './fixtures';

test('the first page comes from the server, wakes up quietly and is accessible', async ({ page }) => {
  const answer = await page.goto('/');
  expect(answer?.status()).toBe(200);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page).toHaveTitle(/Strongroom/);

  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, help, nodes }) => `${id}: ${help} (${nodes.map((node) => node.target.join(' ')).join(', ')})`)).toEqual([]);
});

test('the server comes back on its own port with its own data', async ({ page, server }) => {
  await page.goto('/');
  await page.goto('about:blank');
  await server.restart('SIGKILL');
  expect((await page.goto('/'))?.status()).toBe(200);
});
