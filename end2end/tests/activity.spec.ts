import { archive, expect, open, staying, test, type Page } from './fixtures';

const entries = (page: Page) => page.getByRole('list', { name: 'Activity, newest first' }).getByRole('listitem');
const filters = (page: Page) => page.getByRole('search', { name: 'Filter the log' });

test('what happens appears as it happens, in sentences with links', async ({ page, server }) => {
  const api = archive(server.url);
  await open(page, '/activity');
  const stayed = await staying(page);
  await expect(entries(page)).toHaveText([/Location Main store was created/]);
  const { uuid } = await api.announce('Harbour plans');
  await expect(entries(page).first()).toContainText('Harbour plans was recorded as stored');
  await entries(page).first().getByRole('link', { name: 'Harbour plans' }).click();
  await expect(page).toHaveURL(`/storage/aips/${uuid}`);
  await page.goBack();
  await expect(entries(page)).toHaveCount(2);
  await stayed();
});

test('by kind and by AIP, in pages, and as a file', async ({ page, server }) => {
  const api = archive(server.url);
  const aips = await api.fill(60);
  await open(page, '/activity');
  const stayed = await staying(page);
  await expect(entries(page)).toHaveCount(50);
  await page.getByRole('link', { name: 'Older' }).click();
  await expect(entries(page)).toHaveCount(11);
  await expect(entries(page).last()).toContainText('Location Main store was created');
  await api.announce('Made meanwhile');
  await page.getByRole('link', { name: 'Newest' }).click();
  await expect(entries(page).first()).toContainText('Made meanwhile');

  await filters(page).getByLabel('What').selectOption('Locations');
  await filters(page).getByRole('button', { name: 'Apply' }).click();
  await expect(page).toHaveURL('/activity?kind=location');
  await expect(entries(page)).toHaveCount(1);
  await filters(page).getByLabel('What').selectOption('Everything');
  await filters(page).getByLabel('AIP (UUID)').fill(aips[6].uuid);
  await filters(page).getByLabel('AIP (UUID)').press('Enter');
  await expect(entries(page)).toHaveText([/Series 07 was recorded as stored/]);
  const [file] = await Promise.all([page.waitForEvent('download'), filters(page).getByRole('link', { name: 'CSV' }).click()]);
  expect(file.suggestedFilename()).toBe('activity.csv');
  await filters(page).getByLabel('Person').fill('nobody at all');
  await filters(page).getByRole('button', { name: 'Apply' }).click();
  await expect(page.getByText('Nothing in the log matches these filters')).toBeVisible();
  await filters(page).getByRole('link', { name: 'Clear' }).click();
  await expect(entries(page)).toHaveCount(50);
  await expect(filters(page).getByLabel('Person')).toHaveValue('');
  await stayed();
});

test('an address that cannot be understood says what is wrong with it', async ({ page, server }) => {
  const answer = await page.request.get(`${server.url}/activity?kind=x&before=y`);
  expect(answer.status()).toBe(400);
  expect(await answer.text()).toContain('This part of the log cannot be shown');
});

test('what other systems announce is a kind of its own', async ({ page, server }) => {
  const api = archive(server.url);
  await api.announceEvent('git.push', { repository: 'finding-aids', branch: 'main', commits: 3 });
  await api.announce('Harbour plans');
  await open(page, '/activity');
  await filters(page).getByLabel('What').selectOption('Announcements');
  await filters(page).getByRole('button', { name: 'Apply' }).click();
  await expect(page).toHaveURL('/activity?kind=announcement');
  await expect(entries(page)).toHaveText([/3 commits were pushed to finding-aids on main/]);
});
