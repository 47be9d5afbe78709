import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A network between a browser and a service that can be cut off without either of them noticing. */
export class Network {
  private readonly sockets = new Set<Socket>();
  private silent = false;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async to(url: string): Promise<Network> {
    const { port } = new URL(url);
    const server = createServer({ pauseOnConnect: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const network = new Network(server, `http://127.0.0.1:${address.port}`);
    server.on('connection', (near) => network.join(near, Number(port)));
    return network;
  }

  private join(near: Socket, port: number): void {
    const far = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ]) {
      this.sockets.add(from);
      // What is silent is neither passed on nor refused, and no end is told.
      from.on('data', (bytes) => this.silent || to.write(bytes));
      from.on('end', () => this.silent || to.end());
      from.on('error', () => this.silent || to.destroy());
      from.on('close', () => (this.sockets.delete(from), this.silent || to.destroy()));
    }
    near.resume();
  }

  /** From now on nothing arrives any more, in either direction, and nobody is told. */
  fallSilent(): void {
    this.silent = true;
  }

  /** New connections work again; of those that were silent nobody knows any more. */
  recover(): void {
    this.silent = false;
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((closed) => this.server.close(closed));
  }
}
