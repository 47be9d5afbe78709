import { answered, archive, expect, open, rows, staying, test, type Page } from './fixtures';

const name = (page: Page) => page.getByRole('textbox', { name: 'Name', exact: true });
const folder = (page: Page) => page.getByRole('textbox', { name: 'Folder' });
const description = (page: Page) => page.getByRole('textbox', { name: 'Description' });
const create = (page: Page) => page.getByRole('button', { name: 'Create location' });
const save = (page: Page) => page.getByRole('button', { name: 'Save' });
const toast = (page: Page) => page.locator('.toasts');

test('a location is created, and everybody sees it', async ({ page, anotherWindow }) => {
  const other = await anotherWindow();
  await open(other, '/storage/locations');
  await open(page, '/storage/locations');
  const stayed = await staying(page);
  await page.getByRole('link', { name: 'New location' }).click();
  await name(page).fill('  North wing ');
  await description(page).fill('The other building,\nsecond floor');
  await folder(page).fill('north/wing');
  await create(page).click();
  await expect(page.getByRole('heading', { level: 1, name: 'North wing' })).toBeVisible();
  await expect(page).toHaveURL(/\/storage\/locations\/[0-9a-f-]{36}$/);
  await expect(toast(page)).toContainText('The location North wing was created.');
  await expect(page.getByText('The other building,')).toBeVisible();
  await expect(page.getByText('0 AIPs, 0 B')).toBeVisible();
  await expect(rows(other).filter({ hasText: 'North wing' })).toContainText('Folder of the server');
  await stayed();
});

test('a bucket has fields of its own, and its secret is not shown', async ({ page, allowConsole }) => {
  allowConsole(answered(400));
  const field = (label: string) => page.getByLabel(label, { exact: true });
  await open(page, '/storage/locations/new');
  await name(page).fill('Second building');
  await field('Kind of store').selectOption('S3-compatible store');
  await expect(folder(page)).toBeHidden();
  await create(page).click();
  await expect(page.getByText('Name the bucket in which the AIPs are to be kept.')).toBeVisible();
  await expect(field('Bucket')).toBeFocused();
  await field('Bucket').fill('aips');
  await field('Region').fill('eu-central-1');
  await field('Endpoint').fill('http://127.0.0.1:1');
  await page.getByRole('checkbox', { name: 'The bucket stands in the path' }).check();
  await field('Access key').fill('AKIDEXAMPLE');
  await create(page).click();
  await expect(page.getByText('Give the secret of the access key.')).toBeVisible();
  await expect(field('Secret')).toHaveAttribute('type', 'password');
  await field('Secret').fill('hush-hush');
  await create(page).click();
  const alert = page.getByRole('alert').filter({ hasText: 'The location was not created' });
  await expect(alert).toContainText('nothing listens at its address');
  await expect(alert).not.toContainText('hush-hush');
  await expect(field('Bucket')).toHaveValue('aips');
});

test.describe('what cannot be created is told in words, and nothing typed is lost', () => {
  test('before anything is sent', async ({ page }) => {
    await open(page, '/storage/locations/new');
    await description(page).fill('Kept while mending');
    await create(page).click();
    await expect(page.getByText('Give the location a name by which people will know it.')).toBeVisible();
    await expect(name(page)).toBeFocused();
    await expect(name(page)).toHaveAttribute('aria-invalid', 'true');
    await name(page).fill('North wing');
    await expect(page.getByText('Give the location a name by which people will know it.')).toBeHidden();
    await folder(page).fill('../../etc');
    await create(page).click();
    await expect(page.getByText('Name the folder without ".."')).toBeVisible();
    await expect(folder(page)).toBeFocused();
    await expect(name(page)).toHaveValue('North wing');
    await expect(description(page)).toHaveValue('Kept while mending');
  });

  test('by the service: a folder outside, a name that is taken, a folder that is taken', async ({ page, allowConsole, server }) => {
    allowConsole(answered(400));
    await open(page, '/storage/locations/new');
    const alert = page.getByRole('alert').filter({ hasText: 'The location was not created' });
    await name(page).fill('North wing');
    await description(page).fill('Kept while mending');
    await folder(page).fill('/etc/strongroom');
    await create(page).click();
    await expect(alert).toContainText('the path must lie under one of the folders that the service was given for locations');
    await expect(alert).toContainText('Nothing was changed, and what you typed is still here.');
    await expect(name(page)).toHaveValue('North wing');
    await expect(description(page)).toHaveValue('Kept while mending');
    await expect(folder(page)).toHaveValue('/etc/strongroom');

    await folder(page).fill('main-store/inside');
    await create(page).click();
    await expect(alert).toContainText('the location "Main store" lies there already');

    await folder(page).fill('north');
    await name(page).fill('Main store');
    await create(page).click();
    await expect(alert).toContainText('a location has this name already');
    await name(page).fill('North wing');
    await create(page).click();
    await expect(page.getByRole('heading', { level: 1, name: 'North wing' })).toBeVisible();
    expect((await archive(server.url).locations()).map(({ name }) => name).sort()).toEqual(['Main store', 'North wing']);
  });

  test('when the server cannot be reached', async ({ page, allowConsole, server }) => {
    allowConsole(/net::ERR_|WebSocket/);
    await open(page, '/storage/locations/new');
    await name(page).fill('North wing');
    await folder(page).fill('north');
    await server.stop();
    await create(page).click();
    await expect(page.getByRole('alert')).toContainText('The server cannot be reached');
    await expect(name(page)).toHaveValue('North wing');
    await server.start();
    await create(page).click();
    await expect(page.getByRole('heading', { level: 1, name: 'North wing' })).toBeVisible();
  });
});

test('a location is changed; a change of another person meanwhile is not overwritten', async ({ page, server, allowConsole }) => {
  allowConsole(answered(400, 412));
  const api = archive(server.url);
  const uuid = await api.location('North wing', 'north', 'First floor');
  await open(page, `/storage/locations/${uuid}`);
  await page.getByRole('link', { name: 'Edit' }).click();
  await expect(name(page)).toHaveValue('North wing');
  await expect(description(page)).toHaveValue('First floor');
  await name(page).fill('');
  await save(page).click();
  await expect(page.getByText('Give the location a name by which people will know it.')).toBeVisible();
  await name(page).fill('Main store');
  await save(page).click();
  await expect(page.getByRole('alert')).toContainText('a location has this name already');
  await expect(name(page)).toHaveValue('Main store');

  await fetch(`${server.url}/api/storage/locations/${uuid}`, { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: '{"description":"Second floor"}' });
  await expect(description(page), 'what is being typed stays').toHaveValue('First floor');
  await name(page).fill('West wing');
  await save(page).click();
  await expect(page.getByRole('alert'), 'who saves is told how it is now').toContainText('is described as “Second floor”');
  await expect(name(page)).toHaveValue('West wing');
  await save(page).click();
  await expect(page.getByRole('heading', { level: 1, name: 'West wing' })).toBeVisible();
  await expect(toast(page)).toContainText('The location West wing was changed.');
  await expect(page.getByText('Second floor')).toBeVisible();
});

test('an empty location is deleted after a question', async ({ page, server, anotherWindow }) => {
  const uuid = await archive(server.url).location('North wing', 'north');
  const other = await anotherWindow();
  await open(other, '/storage/locations');
  await open(page, `/storage/locations/${uuid}`);
  const stayed = await staying(page);
  const ask = page.getByRole('button', { name: 'Delete this location…' });
  const dialog = page.getByRole('dialog', { name: 'Delete this location?' });

  await ask.click();
  await expect(dialog).toContainText('North wing disappears from the list');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(ask).toBeFocused();
  await ask.click();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toBeHidden();
  await ask.press('Enter');
  await dialog.getByRole('button', { name: 'Delete' }).press('Enter');
  await expect(page).toHaveURL('/storage/locations');
  await expect(toast(page)).toContainText('The location North wing was deleted.');
  for (const window of [page, other]) await expect(rows(window).getByRole('rowheader')).toHaveText(['Main store']);
  await stayed();
});

test('one that keeps something is not, and the page says why', async ({ page, server, allowConsole }) => {
  allowConsole(answered(400));
  const api = archive(server.url);
  const uuid = await api.location('North wing', 'north');
  await api.announce('Minutes 1987', { location_uuid: uuid });
  await open(page, `/storage/locations/${uuid}`);
  await expect(page.getByText('A location can be deleted while it keeps nothing. This one keeps 1 AIP.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Delete this location…' })).toBeHidden();

  // A deleted AIP is not kept any more, but its record names the location.
  const other = await api.location('South wing', 'south');
  await api.announce('Minutes 1988', { location_uuid: other, status: 'deleted' });
  await open(page, `/storage/locations/${other}`);
  await page.getByRole('button', { name: 'Delete this location…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  const alert = page.getByRole('alert').filter({ hasText: 'The location was not deleted' });
  await expect(alert).toContainText('the location is not empty');
  await expect(alert).toContainText('Nothing was changed.');
  expect(await api.locations()).toHaveLength(3);
});
