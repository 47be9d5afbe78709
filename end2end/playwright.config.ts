import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: './tests',
  // One at a time and never twice: a test that passes at the second try has found something.
  fullyParallel: false,
  workers: 1,
  retries: 0,
  forbidOnly: true,
  // A missing snapshot is a failure everywhere, not only on a build machine.
  updateSnapshots: 'none',
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['./skips.ts']],
  use: {
    browserName: 'chromium',
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.STRONGROOM_CHROMIUM ?? '/usr/bin/chromium',
      // As root there is no sandbox to be had; the rest keeps the browser from talking to anyone but the server under test.
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
