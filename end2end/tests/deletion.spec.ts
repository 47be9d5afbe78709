import { findings, full } from './axe';
import { bag, expect, open, staying, type Page } from './fixtures';
import { administered, signIn, test } from './people';

const name = 'fonds-12';
const reason = 'A duplicate of fonds-7, see the register of 1931.';

const action = (page: Page, words: string) => page.getByRole('region', { name: 'Actions' }).getByRole('button', { name: words });
const dialog = (page: Page) => page.getByRole('dialog');
const request = (page: Page) => page.getByRole('region', { name: 'Deletion requested' });
const status = (page: Page) => page.locator('main dl > div').filter({ has: page.getByRole('term').getByText('Status', { exact: true }) }).getByRole('definition');
const toast = (page: Page, text: string) => page.locator('.toast').filter({ hasText: text });
const deletion = (page: Page) => page.locator('li.workflow').filter({ has: page.getByRole('heading', { level: 3, name: 'Deletion' }) });

async function ask(page: Page): Promise<void> {
  await action(page, 'Request deletion…').click();
  await dialog(page).getByRole('textbox', { name: 'Reason' }).fill(reason);
  await dialog(page).getByRole('button', { name: 'Request deletion' }).click();
  await expect(request(page)).toBeVisible();
}

test('the whole deletion: two people in two browsers, live on both', async ({ page, anotherWindow, server, provider }) => {
  const { uuid } = await (await administered(server.url, provider)).deposit(name, bag(name));
  const other = await anotherWindow();
  await signIn(other, 'reviewer');
  await expect(other.getByRole('region', { name: 'Awaits your decision' })).toBeHidden();
  await signIn(page, 'requester', `/storage/aips/${uuid}`);
  const stayed = [await staying(page), await staying(other)];

  // Asked for, with a reason that can be read.
  await action(page, 'Request deletion…').click();
  await dialog(page).getByRole('textbox', { name: 'Reason' }).fill('too short');
  await dialog(page).getByRole('button', { name: 'Request deletion' }).click();
  await expect(dialog(page).getByText('Give the reason in 10 characters at least')).toBeVisible();
  await expect(dialog(page).getByRole('textbox', { name: 'Reason' })).toBeFocused();
  await dialog(page).getByRole('textbox', { name: 'Reason' }).fill(reason);
  await expect(dialog(page).getByText(`${reason.length} of 10 to 500 characters.`)).toBeVisible();
  await dialog(page).getByRole('button', { name: 'Request deletion' }).click();
  await expect(dialog(page)).toBeHidden();
  await expect(toast(page, `The deletion of ${name} is requested. Somebody else has to decide.`)).toBeVisible();
  await expect(status(page)).toHaveText('pending');
  await expect(request(page)).toContainText('It is your own request, so somebody else has to decide.');
  await expect(request(page)).toContainText(reason);
  await expect(request(page).getByRole('button')).toHaveText(['Call off…']);
  await expect(action(page, 'Move…')).toBeDisabled();
  await expect(deletion(page).locator('summary').first()).toContainText('awaits a decision');

  // The other one is told, and decides.
  const awaiting = other.getByRole('region', { name: 'Awaits your decision' });
  await expect(awaiting).toContainText(`requester@example.org asks for the deletion of ${name}`);
  await expect(awaiting).toContainText(reason);
  await awaiting.getByRole('link', { name }).click();
  await expect(request(other)).toContainText('requester@example.org asked for the deletion of this AIP');
  await expect(request(other)).toContainText(reason);
  await expect(request(other).getByRole('button')).toHaveText(['Approve…', 'Reject…']);
  await request(other).getByRole('button', { name: 'Approve…' }).click();
  await expect(dialog(other)).toContainText('are removed from its location for good');
  await dialog(other).getByRole('button', { name: 'Approve and delete' }).click();

  // It happens, and both see it.
  for (const window of [page, other]) {
    await expect(status(window)).toHaveText('deleted');
    await expect(request(window)).toBeHidden();
    await expect(deletion(window).locator('.workflow__head')).toContainText('done');
    await expect(toast(window, `Deletion of ${name}: done.`)).toBeVisible();
    await expect(window.getByText('Deleted: there is nothing left to download, to move or to check.')).toBeVisible();
  }
  await expect(other.getByRole('main'), 'the keyboard is not lost with the buttons').toBeFocused();
  for (const still of stayed) await still();

  // The report, for whoever may read it.
  await expect(page.getByRole('link', { name: 'Deletion report (PDF)' })).toBeHidden();
  const downloaded = other.waitForEvent('download');
  await other.getByRole('link', { name: 'Deletion report (PDF)' }).click();
  expect((await downloaded).suggestedFilename()).toBe(`aip_deletion_report_${uuid}.pdf`);
  await open(other, '/');
  await expect(awaiting).toBeHidden();
});

test('refused: it stays, and can be asked for again', async ({ page, anotherWindow, server, provider }) => {
  const { uuid } = await (await administered(server.url, provider)).deposit(name, bag(name));
  const other = await anotherWindow();
  await signIn(page, 'requester', `/storage/aips/${uuid}`);
  await signIn(other, 'reviewer', `/storage/aips/${uuid}`);
  await ask(page);
  await request(other).getByRole('button', { name: 'Reject…' }).click();
  await dialog(other).getByRole('button', { name: 'Reject', exact: true }).click();
  for (const window of [page, other]) {
    await expect(status(window)).toHaveText('stored');
    await expect(request(window)).toBeHidden();
    await expect(deletion(window).locator('.workflow__head')).toContainText('canceled');
  }
  await ask(page);
  await expect(request(other).getByRole('button')).toHaveText(['Approve…', 'Reject…']);
});

test('called off by whoever asked', async ({ page, anotherWindow, server, provider }) => {
  const { uuid } = await (await administered(server.url, provider)).deposit(name, bag(name));
  const other = await anotherWindow();
  await signIn(page, 'requester', `/storage/aips/${uuid}`);
  await signIn(other, 'reviewer', `/storage/aips/${uuid}`);
  await ask(page);
  await expect(request(other)).toBeVisible();
  await request(page).getByRole('button', { name: 'Call off…' }).click();
  await dialog(page).getByRole('button', { name: 'Call off' }).click();
  for (const window of [page, other]) {
    await expect(status(window)).toHaveText('stored');
    await expect(request(window)).toBeHidden();
  }
  await expect(toast(page, `The request to delete ${name} is called off.`)).toBeVisible();
  await expect(action(page, 'Request deletion…')).toBeEnabled();
});

test('nobody decides about their own request, whatever they may do', async ({ page, server, provider }) => {
  const { uuid } = await (await administered(server.url, provider)).deposit(name, bag(name));
  await signIn(page, 'administrator', `/storage/aips/${uuid}`);
  await ask(page);
  await expect(request(page).getByRole('button')).toHaveText(['Call off…']);
  await open(page, '/');
  await expect(page.getByRole('region', { name: 'Awaits your decision' })).toBeHidden();
});

test('axe finds nothing where a deletion is asked for and decided', async ({ page, anotherWindow, server, provider }) => {
  test.setTimeout(120_000);
  const { uuid } = await (await administered(server.url, provider)).deposit(name, bag(name));
  const other = await anotherWindow();
  const found: string[] = [];
  const look = async (window: Page, what: string) => {
    for (const finding of await findings(window)) found.push(`${what}: ${finding}`);
    await window.setViewportSize(full);
  };
  await page.goto('/user/signin?error=not-let-in');
  await look(page, 'sign-in');
  await signIn(page, 'requester', `/storage/aips/${uuid}`);
  await page.locator('.person__summary').click();
  await look(page, 'person');
  await page.locator('.person__summary').click();
  await action(page, 'Request deletion…').click();
  await dialog(page).getByRole('button', { name: 'Request deletion' }).click();
  await look(page, 'request');
  await page.keyboard.press('Escape');
  await ask(page);
  await look(page, 'own request');
  await signIn(other, 'reviewer');
  await look(other, 'overview');
  await open(other, `/storage/aips/${uuid}`);
  await look(other, 'review');
  await request(other).getByRole('button', { name: 'Approve…' }).click();
  await look(other, 'approval');
  expect(found).toEqual([]);
});
