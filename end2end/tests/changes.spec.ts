import { findings } from './axe';
import { archive, expect, open, staying, test, type Page } from './fixtures';

const alarm = (page: Page) => page.getByRole('alert').getByRole('region', { name: 'Something changed here that Strongroom did not do' });

test('what changed under a location without the service having done it is an alarm until somebody takes note', async ({ page, anotherWindow, server }) => {
  const api = archive(server.url);
  const uuid = await api.location('North wing', 'north');
  const other = await api.location('South wing', 'south');
  const second = await anotherWindow();
  await open(page, `/storage/locations/${uuid}`);
  await open(second, `/storage/locations/${uuid}/aips`);
  const stayed = await Promise.all([page, second].map(staying));
  for (const window of [page, second]) await expect(alarm(window)).toHaveCount(0);

  await api.announceEvent('structure.changed', { location_uuid: uuid, path: 'a/b.7z', change: 'vanished', count: 3 });
  for (const window of [page, second]) {
    await expect(alarm(window)).toContainText('“a/b.7z” and 2 more vanished in North wing without Strongroom having done it');
    await expect(alarm(window)).toContainText('In an archive that is an alarm');
    await expect(alarm(window)).toContainText('Check the fixity of all AIPs');
  }
  expect(await findings(page)).toEqual([]);

  await api.announceEvent('structure.changed', { location_uuid: uuid, path: 'c.7z', change: 'changed' });
  await expect(alarm(page).getByRole('listitem'), 'the newest first').toHaveText([/c\.7z/, /a\/b\.7z/]);
  await alarm(page).getByRole('button', { name: 'Taken note' }).click();
  await expect(page.getByText('It was recorded that you took note.')).toBeVisible();
  for (const window of [page, second]) await expect(alarm(window), 'whoever else looks at it is told').toHaveCount(0);
  await expect(page.getByRole('main'), 'the focus is not lost with the button').toBeFocused();
  await Promise.all(stayed.map((check) => check()));

  await page.reload();
  await expect(alarm(page)).toHaveCount(0);
  await open(page, `/storage/locations/${other}`);
  await expect(alarm(page), 'it is of one location').toHaveCount(0);
});

test('the first HTML has the alarm', async ({ request, server }) => {
  const api = archive(server.url);
  const uuid = await api.location('North wing', 'north');
  await api.announceEvent('structure.changed', { location_uuid: uuid, path: 'a/b.7z', change: 'appeared' });
  const html = await (await request.get(`/storage/locations/${uuid}`)).text();
  expect(html.replace(/<script\b.*?<\/script>/gs, '')).toContain('“a/b.7z” appeared');
});
