import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';

const binary = resolve(process.env.STRONGROOM_BIN ?? '../target/debug/strongroom');
const driver = join(dirname(binary), 'examples', 'drive');
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
  protected child: ChildProcess | undefined;
  private log = '';

  protected constructor(
    readonly port: number,
    readonly dataDir: string,
    private readonly args: string[],
    private readonly env: Record<string, string>,
  ) {}

  static async create(args: string[] = [], env: Record<string, string> = {}): Promise<Server> {
    return new Server(await freePort(), await mkdtemp(join(tmpdir(), 'strongroom-')), args, env);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Where it keeps everything. */
  get data(): string {
    return join(this.dataDir, 'data');
  }

  /** What it has written so far, of all its runs. */
  get output(): string {
    return this.log;
  }

  get running(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** The line that says that it is ready: after a demonstration archive was filled, not before. */
  protected ready(log: string): boolean {
    return log.includes(`Strongroom is at ${this.url}`);
  }

  protected spawn(env: Record<string, string>): ChildProcess {
    return spawn(binary, ['serve', ...this.args], { cwd: this.dataDir, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** Starts it and waits until it answers. */
  async start(): Promise<void> {
    if (this.running) throw new Error('the server runs already');
    const child = this.spawn({
      LEPTOS_SITE_ROOT: siteRoot,
      STRONGROOM_LISTEN: `127.0.0.1:${this.port}`,
      STRONGROOM_DATA: this.data,
      ...this.env,
    });
    this.child = child;
    let spawnError: Error | undefined;
    let said = '';
    child.once('error', (error) => (spawnError = error));
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        this.log += chunk;
        said += chunk;
      });
    }

    const deadline = Date.now() + 30_000;
    while (!this.ready(said)) {
      if (spawnError) throw new Error(`the server does not start: ${spawnError.message}`);
      if (!this.running) throw new Error(`the server ended (${child.exitCode ?? child.signalCode}):\n${this.log}`);
      if (Date.now() > deadline) throw new Error(`the server does not get ready:\n${this.log}`);
      await wait(10);
    }
    const answer = await fetch(`${this.url}/api/user`, { signal: AbortSignal.timeout(5_000) });
    await answer.body?.cancel();
    if (!answer.ok) throw new Error(`the server answers with ${answer.status}:\n${this.log}`);
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

  /** Runs another process on the same data folder, at another port, for as long as `work` takes: what it does happened while this one was away. */
  async elsewhere(work: (url: string) => Promise<void>): Promise<void> {
    const other = new Server(await freePort(), this.dataDir, [], {});
    await other.start();
    try {
      await work(other.url);
    } finally {
      await other.stop();
    }
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

type Reply = { ok?: unknown; error?: string };

/** The server with a keyboard (`end2end/drive.rs`): carries out service calls that no request of the API makes. */
export class DrivenServer extends Server {
  private replies: AsyncIterator<string> | undefined;

  static override async create(_args: string[] = [], env: Record<string, string> = {}): Promise<DrivenServer> {
    return new DrivenServer(await freePort(), await mkdtemp(join(tmpdir(), 'strongroom-')), [], env);
  }

  protected override ready(log: string): boolean {
    return log.includes(`{"ok":"${this.url}"}`);
  }

  protected override spawn(env: Record<string, string>): ChildProcess {
    // The built files' names are in a file beside the server, one folder above this binary.
    const files = { LEPTOS_HASH_FILE: '../hash.txt' };
    const child = spawn(driver, [], { cwd: this.dataDir, env: { ...process.env, ...files, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    if (child.stdout) this.replies = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return child;
  }

  override async start(): Promise<void> {
    await super.start();
    await this.replies?.next();
  }

  /** One call of the service; its result as JSON. */
  async call<T = unknown>(call: string, fields: Record<string, unknown>): Promise<T> {
    this.child?.stdin?.write(`${JSON.stringify({ call, ...fields })}\n`);
    const line = await this.replies?.next();
    if (!line || line.done) throw new Error(`the server ended:\n${this.output}`);
    const reply = JSON.parse(line.value) as Reply;
    if (reply.error !== undefined) throw new Error(`${call}: ${reply.error}`);
    return reply.ok as T;
  }
}
