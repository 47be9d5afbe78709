import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, open, staying, test, type Page } from './fixtures';

const folder = resolve('../examples/celery');
const python = join(process.env.STRONGROOM_TOOLS ?? join(homedir(), '.local/share/strongroom/tools'), 'examples/bin/python');

/** Has a worker do its three tasks, and waits for its end. */
async function work(server: string): Promise<void> {
  const env = { ...process.env, STRONGROOM_SERVER: server, PYTHONDONTWRITEBYTECODE: '1', no_proxy: '127.0.0.1' };
  await promisify(execFile)(python, ['run.py'], { cwd: folder, env, timeout: 50_000 });
}

const task = (page: Page, name: string) => page.getByRole('region', { name: 'Ended lately' }).getByRole('listitem').filter({ hasText: name });

test('the tasks of a Celery worker are seen without a reload, and which one failed and why', async ({ page, server }) => {
  test.skip(!existsSync(python), `${python} is not installed; run scripts/setup.sh`);
  await open(page, '/tasks');
  const stayed = await staying(page);
  await work(server.url);
  for (const [name, state, message] of [
    ['Text of scanned pages', 'done', '15 words on 5 pages'],
    ['Thumbnails', 'done', '5 thumbnails'],
    ['Checksum of a master file', 'failed', 'FileNotFoundError: minutes-1987.tif is not there'],
  ]) {
    await expect(task(page, name)).toHaveCount(1);
    await expect(task(page, name)).toContainText(state);
    await expect(task(page, name)).toContainText(message);
  }
  await stayed();

  await page.reload();
  await expect(task(page, 'Checksum of a master file'), 'the server tells the same').toContainText('minutes-1987.tif is not there');
});
