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

test('what cannot be downloaded says why, and can be as soon as it is stored', async ({ page, driven }) => {
  const { uuid } = await archive(driven.url).announce('Minutes 1987', { status: 'queued' });
  await open(page, `/storage/aips/${uuid}`);
  await expect(page.getByText('It can be downloaded once it is stored.')).toBeVisible();
  await driven.call('set_aip_status', { uuid, status: 'stored' });
  await expect(page.getByRole('link', { name: 'Download' })).toBeVisible();
});
