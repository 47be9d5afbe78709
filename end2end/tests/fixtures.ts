import { test as base, expect, type BrowserContext, type BrowserContextOptions, type ConsoleMessage, type Locator, type Page } from '@playwright/test';
import { DrivenServer, Server } from './server';

export { expect, type Locator, type Page };
export { archive, nobody, type Aip, type Location } from './archive';
export { bag, looseFiles, type BagFile } from './bag';
export { DrivenServer, Server } from './server';

type Options = {
  /** Arguments after `serve`, by `test.use({ serverArgs: ['--demo'] })`. */
  serverArgs: string[];
  /** Further environment of the server. */
  serverEnv: Record<string, string>;
};

type Fixtures = {
  server: Server;
  /** Instead of `server`: one that carries out service calls. */
  driven: DrivenServer;
  /** Lets console lines through that match; only for what the browser itself says, such as that a stopped server is not there. */
  allowConsole: (pattern: RegExp) => void;
  /** Another window of another person, listened to like the first. */
  anotherWindow: (options?: BrowserContextOptions) => Promise<Page>;
};

type Ear = { said: string[]; quiet: RegExp[]; listen: (context: BrowserContext) => void };

/** What the browser says of a server that is down, or of a network that is. */
export const unreachable = /net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|SOCKET_NOT_CONNECTED|INTERNET_DISCONNECTED|FAILED)|WebSocket connection to .* failed/;

/** What the browser says of an answer that is an error, also of a page's own. */
export const answered = (...status: number[]) => new RegExp(`Failed to load resource: the server responded with a status of (${status.join('|')}) `);

export const test = base.extend<Options & Fixtures & { ear: Ear }>({
  serverArgs: [[], { option: true }],
  serverEnv: [{}, { option: true }],

  server: async ({ serverArgs, serverEnv }, use, testInfo) => {
    const server = await Server.create(serverArgs, serverEnv);
    try {
      await server.start();
      await use(server);
      if (testInfo.status !== testInfo.expectedStatus) await testInfo.attach('server.log', { body: server.output, contentType: 'text/plain' });
    } finally {
      await server.dispose();
    }
  },

  driven: async ({ server }, use) => {
    if (!(server instanceof DrivenServer)) throw new Error('import `test` from ./driven');
    await use(server);
  },

  baseURL: async ({ server }, use) => use(server.url),

  ear: async ({}, use) => {
    const said: string[] = [];
    const quiet: RegExp[] = [];
    const onConsole = (message: ConsoleMessage) => {
      const { url, lineNumber } = message.location();
      said.push(`console ${message.type()}: ${message.text()} (${url}:${lineNumber})`);
    };
    const onPage = (page: Page) =>
      void page.on('console', onConsole).on('pageerror', (error) => void said.push(`page error: ${error.stack ?? error.message}`));
    const listen = (context: BrowserContext) => {
      context.pages().forEach(onPage);
      context.on('page', onPage);
    };
    await use({ said, quiet, listen });
    const unexpected = said.filter((line) => !quiet.some((pattern) => pattern.test(line)));
    expect(unexpected, 'what the browser had to say').toEqual([]);
  },

  allowConsole: async ({ ear }, use) => use((pattern) => void ear.quiet.push(pattern)),

  // Every page of the context is listened to, also those that a test opens itself: a console line of any kind is a fault of ours.
  context: async ({ context, ear }, use) => {
    ear.listen(context);
    await use(context);
  },

  anotherWindow: async ({ browser, baseURL, ear }, use) => {
    const opened: BrowserContext[] = [];
    await use(async (options) => {
      const context = await browser.newContext({ baseURL, ...options });
      opened.push(context);
      ear.listen(context);
      return context.newPage();
    });
    for (const context of opened) await context.close();
  },
});

/** How live the page says that it is. */
export const connection = (page: Page): Locator => page.locator('.connection__word');

/** Waits until the page is taken over by the application and connected: from then on every change reaches it. */
export async function live(page: Page): Promise<void> {
  await expect(connection(page)).toHaveText('Live', { timeout: 20_000 });
}

/** Opens an address and waits until it is live. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await live(page);
}

/** Marks the document as it is now; the returned check fails if it was loaded again since. */
export async function staying(page: Page): Promise<() => Promise<void>> {
  let loads = 0;
  page.on('request', (request) => {
    if (request.isNavigationRequest() && request.frame() === page.mainFrame()) loads += 1;
  });
  await page.evaluate(() => Object.assign(window, { marked: performance.timeOrigin }));
  return async () => {
    expect(await page.evaluate(() => (window as { marked?: number }).marked === performance.timeOrigin), 'the page is the one it was').toBe(true);
    expect(loads, 'documents loaded since').toBe(0);
  };
}

/** The table of AIPs or locations, its rows below the head, and what stands first in each. */
export const rows = (page: Page): Locator => page.locator('main table tbody tr');
export const names = (page: Page): Promise<string[]> => rows(page).getByRole('rowheader').allInnerTexts();
