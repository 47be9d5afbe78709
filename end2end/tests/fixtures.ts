import { test as base, expect, type ConsoleMessage, type Page } from '@playwright/test';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

export { expect };
export { bag, type BagFile } from './bag';

const binary = resolve(process.env.STRONGROOM_BIN ?? '../target/debug/strongroom');
const siteRoot = resolve(process.env.LEPTOS_SITE_ROOT ?? '../target/site-test');

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((ready, failed) => probe.once('error', failed).listen(0, '127.0.0.1', ready));
  const address = probe.address();
  await new Promise((closed) => probe.close(closed));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** The real server: one process, with a data folder and a port that are its own and stay the same when it is started again. */
export class Server {
  private child: ChildProcess | undefined;
  private log = '';

  private constructor(
    readonly port: number,
    readonly dataDir: string,
    private readonly args: string[],
    private readonly env: Record<string, string>,
  ) {}

  static async create(args: string[], env: Record<string, string>): Promise<Server> {
    return new Server(await freePort(), await mkdtemp(join(tmpdir(), 'strongroom-')), args, env);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What it has written so far, of all its runs. */
  get output(): string {
    return this.log;
  }

  get running(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Starts it and waits until it answers. */
  async start(): Promise<void> {
    if (this.running) throw new Error('the server runs already');
    const child = spawn(binary, ['serve', ...this.args], {
      cwd: this.dataDir,
      env: {
        ...process.env,
        LEPTOS_SITE_ROOT: siteRoot,
        STRONGROOM_LISTEN: `127.0.0.1:${this.port}`,
        STRONGROOM_DATA: join(this.dataDir, 'data'),
        ...this.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    let spawnError: Error | undefined;
    child.once('error', (error) => (spawnError = error));
    child.stdout?.on('data', (chunk) => (this.log += chunk));
    child.stderr?.on('data', (chunk) => (this.log += chunk));

    const deadline = Date.now() + 30_000;
    for (;;) {
      if (spawnError) throw new Error(`${binary} does not start: ${spawnError.message}`);
      if (!this.running) throw new Error(`the server ended (${child.exitCode ?? child.signalCode}):\n${this.log}`);
      const answer = await fetch(`${this.url}/api/about`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
      await answer?.body?.cancel();
      if (answer?.ok) return;
      if (Date.now() > deadline) throw new Error(`the server does not answer (last: ${answer?.status ?? 'no connection'}):\n${this.log}`);
      await wait(25);
    }
  }

  /** Ends it: by default as an operator would, with `SIGKILL` as a power cut would. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.child;
    if (!child || !this.running) return;
    const ended = new Promise<void>((done) => child.once('exit', () => done()));
    child.kill(signal);
    const timer = new AbortController();
    const late = await Promise.race([
      ended.then(() => false),
      wait(15_000, true, { signal: timer.signal }).catch(() => false),
    ]);
    timer.abort();
    if (late) {
      child.kill('SIGKILL');
      await ended;
      throw new Error(`the server did not end within 15 s of ${signal}:\n${this.log}`);
    }
  }

  async restart(signal?: NodeJS.Signals): Promise<void> {
    await this.stop(signal);
    await this.start();
  }

  /** Whatever happened, nothing of it is left behind. */
  async dispose(): Promise<void> {
    try {
      await this.stop();
    } finally {
      await rm(this.dataDir, { recursive: true, force: true });
    }
  }
}

type Options = {
  /** Arguments after `serve`, by `test.use({ serverArgs: ['--demo'] })`. */
  serverArgs: string[];
  /** Further environment of the server. */
  serverEnv: Record<string, string>;
};

type Fixtures = {
  server: Server;
  /** Lets console lines through that match; only for what the browser itself says, such as that a stopped server is not there. */
  allowConsole: (pattern: RegExp) => void;
};

export const test = base.extend<Options & Fixtures & { quiet: RegExp[] }>({
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

  baseURL: async ({ server }, use) => use(server.url),

  quiet: async ({}, use) => use([]),

  allowConsole: async ({ quiet }, use) => use((pattern) => void quiet.push(pattern)),

  // Every page of the context is listened to, also those that a test opens itself: a console line of any kind is a fault of ours.
  context: async ({ context, quiet }, use) => {
    const said: string[] = [];
    const onConsole = (message: ConsoleMessage) => {
      const { url, lineNumber } = message.location();
      said.push(`console ${message.type()}: ${message.text()} (${url}:${lineNumber})`);
    };
    const listen = (page: Page) => page.on('console', onConsole).on('pageerror', (error) => void said.push(`page error: ${error.stack ?? error.message}`));
    context.pages().forEach(listen);
    context.on('page', listen);
    await use(context);
    const unexpected = said.filter((line) => !quiet.some((pattern) => pattern.test(line)));
    expect(unexpected, 'what the browser had to say').toEqual([]);
  },
});
