// Chromium as the browser tests start it, by their Playwright.
import { createRequire } from 'node:module';

const require = createRequire(new URL('../end2end/package.json', import.meta.url));
const { chromium } = require('playwright-core');

/** Says that live updates have come to this page. */
export const LIVE = '.connection[data-state="connected"]';

// The flags of end2end/playwright.config.ts.
const launch = () =>
  chromium.launch({
    executablePath: process.env.STRONGROOM_CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
      '--disable-sync',
    ],
  });

/** Seconds of processor time so far of the processes that show pages: of one page, that is its own and one that is kept ready. */
export async function processorTime(page) {
  const session = await page.context().browser().newBrowserCDPSession();
  try {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    return processInfo.filter(({ type }) => type === 'renderer').reduce((sum, { cpuTime }) => sum + cpuTime, 0);
  } finally {
    await session.detach();
  }
}

/** Does something with a page in a new browser and profile. What the page complains of is an error. */
export async function withPage(work) {
  const browser = await launch();
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', timezoneId: 'UTC' });
    const page = await context.newPage();
    const trouble = [];
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && trouble.push(message.text()));
    page.on('pageerror', (error) => trouble.push(error.message));
    const result = await work(page, await context.newCDPSession(page));
    if (trouble.length > 0) throw new Error(`the page complained: ${trouble.join(' | ')}`);
    return { ...result, browser: browser.version() };
  } finally {
    await browser.close();
  }
}
