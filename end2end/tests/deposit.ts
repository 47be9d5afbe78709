import { expect, type Locator, type Page } from './fixtures';

export type Upload = { name: string; mimeType: string; buffer: Buffer };

export const tarFile = (name: string, buffer: Buffer): Upload => ({ name, mimeType: 'application/x-tar', buffer });

/** The card of a chosen file on the Deposit page. */
export const card = (page: Page, file: string): Locator => page.getByRole('list', { name: 'Packages' }).getByRole('listitem').filter({ hasText: file });

/** Puts files on the list. The page has to be live. */
export async function choose(page: Page, ...files: Upload[]): Promise<void> {
  await page.getByLabel('Choose files').setInputFiles(files);
  for (const file of files) await expect(card(page, file.name)).toBeVisible();
}

/** Sends all that is on the list. */
export const send = (page: Page): Promise<void> => page.getByRole('button', { name: /^Deposit \d+ packages?$/ }).click();

/** Goes to the Deposit page by its link and takes one package through to the end. */
export async function depositByHand(page: Page, file: Upload): Promise<void> {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Deposit' }).click();
  await choose(page, file);
  await send(page);
  await expect(card(page, file.name).getByText(/^Kept as /)).toBeVisible({ timeout: 20_000 });
}
