// Takes a picture of every page of a demonstration archive, in both themes, wide and narrow: node end2end/screenshots.mjs OUTDIR
//
// For the documentation, and for looking at: `make test-browser` builds what it needs; STRONGROOM_BIN and LEPTOS_SITE_ROOT name
// another server and its files.
import { chromium } from '@playwright/test';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const root = resolve(import.meta.dirname, '..');
const out = process.argv[2];
if (!out) {
  console.error('usage: node end2end/screenshots.mjs OUTDIR');
  process.exit(2);
}

const sizes = { wide: { width: 1280, height: 800 }, narrow: { width: 390, height: 844 } };
const themes = ['light', 'dark'];

const folder = await mkdtemp(join(tmpdir(), 'strongroom-'));
const server = spawn(process.env.STRONGROOM_BIN ?? join(root, 'target/debug/strongroom'), ['serve', '--demo', '--listen', '127.0.0.1:0', '--data', join(folder, 'data')], {
  cwd: folder,
  env: { RUST_LOG: 'error', ...process.env, LEPTOS_SITE_ROOT: process.env.LEPTOS_SITE_ROOT ?? join(root, 'target/site-test') },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const ended = new Promise((done) => server.once('exit', done));

/** Where it is, once the demonstration archive is filled. */
async function address() {
  for await (const line of createInterface({ input: server.stdout })) {
    const [, url] = line.match(/Strongroom is at (http:\S+)/) ?? [];
    if (url) return url;
  }
  throw new Error('the server ended before it was ready');
}

let browser;
try {
  const url = await address();
  const get = async (path) => (await fetch(url + path)).json();
  const { items } = await get('/api/storage/aips?sort=name');
  const locations = await get('/api/storage/locations');
  const { uuid: location } = locations.find(({ name }) => name === 'Second store');
  const pages = {
    overview: '/',
    aips: '/storage/aips',
    'aips-none': '/storage/aips?query=nothing-of-this-name',
    'aips-wrong': '/storage/aips?status=gone',
    aip: `/storage/aips/${items.find(({ name }) => name.startsWith('fonds-12')).uuid}`,
    'aip-not-a-bag': `/storage/aips/${items.find(({ name }) => name.startsWith('accession')).uuid}`,
    locations: '/storage/locations',
    'location-new': '/storage/locations/new',
    location: `/storage/locations/${location}`,
    'location-aips': `/storage/locations/${location}/aips`,
    'location-edit': `/storage/locations/${location}/edit`,
    deposit: '/storage/deposit',
    'sign-in': '/user/signin',
    about: '/about',
    'not-found': '/nowhere',
  };

  /** What is opened on a page before the picture is taken. */
  const opened = {
    'aip-move': [`/storage/aips/${items.find(({ name }) => name.startsWith('fonds-12')).uuid}`, 'Move…'],
    'location-fixity': [`/storage/locations/${location}`, 'Check fixity of all…'],
  };

  await mkdir(out, { recursive: true });
  browser = await chromium.launch({ executablePath: process.env.STRONGROOM_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
  for (const [size, viewport] of Object.entries(sizes)) {
    for (const colorScheme of themes) {
      const page = await browser.newPage({ viewport, colorScheme, locale: 'en-GB', timezoneId: 'UTC', reducedMotion: 'reduce' });
      for (const [name, path] of Object.entries(pages)) {
        await page.goto(url + path);
        await page.locator('.connection[data-state="connected"]').waitFor();
        await page.screenshot({ path: join(out, `${name}-${size}-${colorScheme}.png`), fullPage: size === 'narrow' || name.startsWith('aip-') || name === 'aip' });
      }
      for (const [name, [path, button]] of Object.entries(opened)) {
        await page.goto(url + path);
        await page.locator('.connection[data-state="connected"]').waitFor();
        await page.getByRole('button', { name: button }).click();
        await page.screenshot({ path: join(out, `${name}-${size}-${colorScheme}.png`) });
      }
      await page.close();
    }
  }
} finally {
  await browser?.close();
  server.kill();
  await ended;
  await rm(folder, { recursive: true, force: true });
}
