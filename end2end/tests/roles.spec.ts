import { findings } from './axe';
import { answered, bag, expect, live, open, type Page } from './fixtures';
import { administered, answerProvider, signIn, test, type Account } from './people';

const entries = (page: Page) => page.getByRole('navigation', { name: 'Main' }).getByRole('link');
const actions = (page: Page) => page.getByRole('region', { name: 'Actions' });
const person = (page: Page) => page.locator('.person__summary');

/** What each of them sees of the sidebar, and may do to an AIP at rest. */
const roles: Record<Exclude<Account, 'nobody'>, { entries: string[]; download: boolean; buttons: string[]; edit: boolean }> = {
  administrator: { entries: ['Overview', 'AIPs', 'Locations', 'Deposit', 'Activity', 'Tasks', 'System', 'About'], download: true, buttons: ['Move…', 'Check fixity', 'Request deletion…'], edit: true },
  requester: { entries: ['Overview', 'AIPs', 'Locations', 'Deposit', 'Activity', 'Tasks', 'About'], download: true, buttons: ['Move…', 'Check fixity', 'Request deletion…'], edit: true },
  reviewer: { entries: ['Overview', 'AIPs', 'Locations', 'Activity', 'Tasks', 'About'], download: true, buttons: [], edit: false },
  reader: { entries: ['Overview', 'AIPs', 'Locations', 'Activity', 'Tasks', 'About'], download: false, buttons: [], edit: false },
};

for (const [account, sees] of Object.entries(roles)) {
  test(`${account} sees exactly what they may do`, async ({ page, server, provider }) => {
    const api = await administered(server.url, provider);
    const { uuid, location_uuid } = await api.deposit('fonds-12', bag('fonds-12'));
    await api.location('North wing', 'north');
    await signIn(page, account as Account, `/storage/aips/${uuid}`);
    await expect(person(page)).toHaveText(`Signed in as ${account}@example.org`);
    await expect(entries(page)).toHaveText(sees.entries);
    await expect(actions(page).getByRole('button')).toHaveText(sees.buttons);
    await expect(actions(page).getByRole('link', { name: 'Download' })).toHaveCount(sees.download ? 1 : 0);
    for (const button of await actions(page).getByRole('button').all()) await expect(button).toBeEnabled();

    await open(page, '/storage/aips');
    await expect(page.getByRole('main').getByRole('link', { name: 'Deposit', exact: true })).toHaveCount(sees.buttons.length > 0 ? 1 : 0);
    await open(page, '/storage/locations');
    await expect(page.getByRole('link', { name: 'New location' })).toHaveCount(sees.edit ? 1 : 0);
    await open(page, `/storage/locations/${location_uuid}`);
    await expect(page.getByRole('link', { name: 'Edit' })).toHaveCount(sees.edit ? 1 : 0);
    await expect(page.getByRole('button', { name: 'Check fixity of all…' })).toHaveCount(sees.buttons.length > 0 ? 1 : 0);
    await expect(page.getByRole('heading', { name: 'Delete' })).toHaveCount(sees.edit ? 1 : 0);
  });
}

test('what is not for somebody is forbidden, with its status and what to do', async ({ page, server, provider, allowConsole }) => {
  allowConsole(answered(403));
  const { uuid } = await (await administered(server.url, provider)).deposit('fonds-12', bag('fonds-12'));
  await signIn(page, 'nobody');
  for (const path of ['/', '/storage/aips', `/storage/aips/${uuid}`, '/storage/locations', '/storage/locations/new', '/storage/deposit', '/activity', '/tasks', '/system']) {
    await test.step(path, async () => {
      const answer = await page.goto(path);
      expect(answer?.status()).toBe(403);
      await expect(page.getByRole('heading', { level: 1, name: 'Not permitted' })).toBeVisible();
      await expect(page.getByText('You are signed in as nobody@example.org.')).toBeVisible();
      await expect(page).toHaveTitle('Not permitted · Strongroom');
    });
  }
  await expect(entries(page)).toHaveText(['About']);
  expect(await findings(page)).toEqual([]);
});

test('the way to a page leads through the sign-in and back, with all that its address says', async ({ page }) => {
  const wanted = '/storage/aips?status=stored&query=a%20b';
  await page.goto(wanted);
  await expect(page).toHaveTitle('Sign in · Strongroom');
  await expect(page.getByRole('navigation', { name: 'Main' }).getByRole('link')).toHaveText(['About']);
  await answerProvider(page, 'reader');
  await expect(page).toHaveURL(wanted);
  await live(page);
  await expect(page.getByRole('searchbox', { name: 'Name, UUID or object key', exact: true })).toHaveValue('a b');
});

test('signed out is signed out', async ({ page, provider }) => {
  await signIn(page, 'reader');
  await person(page).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  // The provider ends its own session too, if one says so.
  await expect(page).toHaveURL((url) => url.href.startsWith(provider.issuer) || url.pathname === '/user/signin');
  await page.goto('/storage/aips');
  await expect(page).toHaveURL(/\/user\/signin\?/);
});

test('a session that is over leads to the sign-in and back to where one was', async ({ page, context, server, provider, allowConsole }) => {
  allowConsole(answered(401));
  const { uuid } = await (await administered(server.url, provider)).deposit('fonds-12', bag('fonds-12'));
  const wanted = `/storage/aips/${uuid}`;
  await signIn(page, 'requester', wanted);
  await context.clearCookies({ domain: '127.0.0.1' });
  await actions(page).getByRole('button', { name: 'Check fixity' }).click();
  await expect(page).toHaveURL(/\/user\/signin\?error=session-over/);
  await expect(page.getByText('Your session is over.')).toBeVisible();
  await answerProvider(page, 'requester');
  await expect(page).toHaveURL(wanted);
});
