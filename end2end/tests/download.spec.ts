import { readFile } from 'node:fs/promises';
import { card, choose, send, tarFile } from './deposit';
import { test } from './driven';
import { archive, bag, expect, open } from './fixtures';

test('a package comes back byte for byte, under its own name', async ({ page, driven }) => {
  const file = tarFile('fonds-12.tar', bag('fonds-12'));
  await open(page, '/storage/deposit');
  await choose(page, file);
  await send(page);
  await expect(card(page, 'fonds-12.tar').getByText(/^Kept as /)).toBeVisible();
  const [{ uuid }] = (await archive(driven.url).aips()).items;
  await open(page, `/storage/aips/${uuid}`);
  const downloaded = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download' }).click();
  const download = await downloaded;
  expect(download.suggestedFilename()).toBe(`fonds-12-${uuid}.tar`);
  expect(await readFile(await download.path())).toEqual(file.buffer);
});

test('what cannot be downloaded says why, and can be as soon as the work on it has ended', async ({ page, driven }) => {
  const { uuid } = await archive(driven.url).deposit('fonds-12', bag('fonds-12'));
  await driven.call('set_aip_status', { uuid, status: 'queued' });
  await open(page, `/storage/aips/${uuid}`);
  const link = page.getByRole('link', { name: 'Download' });
  await expect(link).toBeDisabled();
  await expect(link).toHaveAccessibleDescription(/^It can be downloaded, .* once the present work on it has ended\./);
  await driven.call('set_aip_status', { uuid, status: 'stored' });
  await expect(link).toBeEnabled();
  await expect(link).toHaveAttribute('href', `/api/storage/aips/${uuid}/download`);
});
