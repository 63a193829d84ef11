import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * `lose_answers`: requests arrive, and nothing comes back. `park_requests`: what is sent waits in the proxy, to be delivered late.
 * `half_open`: connections stand, and nothing passes in either direction.
 */
export type ProxyMode = 'pass' | 'lose_answers' | 'park_requests' | 'half_open';

interface Pair {
  readonly client: Socket;
  readonly upstream: Socket;
  /** Bytes of a client that has been cut off, or waits. */
  readonly parked: Buffer[];
}

/** Between us and a node: what a broken network does to a connection, whatever is said over it. */
export class FaultyProxy {
  readonly #pairs = new Set<Pair>();
  #mode: ProxyMode = 'pass';
  #isCut = false;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async start(target: {
    readonly host: string;
    readonly port: number;
  }): Promise<FaultyProxy> {
    const joins: ((client: Socket) => void)[] = [];
    const server = createServer((client) => joins[0]?.(client));
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        resolve(typeof address === 'object' ? (address?.port ?? 0) : 0);
      });
    });
    const proxy = new FaultyProxy(server, port);
    joins.push((client) => proxy.#join(client, connect(target)));
    return proxy;
  }

  set(mode: ProxyMode): void {
    this.#mode = mode;
  }

  /** Ends every connection in mid-call, and refuses new ones. */
  cut(): void {
    this.#isCut = true;
    for (const { client, upstream } of this.#pairs) {
      client.destroy();
      upstream.destroy();
    }
  }

  /** The callers see a broken connection; what they sent is still on its way. */
  cutCallers(): void {
    for (const { client } of this.#pairs) client.destroy();
  }

  get isParking(): boolean {
    return [...this.#pairs].some(({ parked }) => parked.length > 0);
  }

  /** What was parked arrives. Resolves once it was written. */
  async deliver(): Promise<void> {
    await Promise.all(
      [...this.#pairs].map(({ upstream, parked }) => {
        const bytes = Buffer.concat(parked.splice(0));
        if (bytes.length === 0) return Promise.resolve();
        return new Promise<void>((resolve) => upstream.write(bytes, () => resolve()));
      }),
    );
  }

  /** New connections pass; old ones end, as their streams have holes. */
  heal(): void {
    this.cut();
    this.#mode = 'pass';
    this.#isCut = false;
  }

  /** New connections pass; what is parked stays, to be delivered. */
  passNew(): void {
    this.cutCallers();
    this.#mode = 'pass';
  }

  close(): Promise<void> {
    this.cut();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  #join(client: Socket, upstream: Socket): void {
    if (this.#isCut) {
      client.destroy();
      upstream.destroy();
      return;
    }
    const pair: Pair = { client, upstream, parked: [] };
    this.#pairs.add(pair);
    client.on('error', () => undefined).on('data', (bytes) => this.#request(pair, bytes));
    upstream.on('error', () => undefined).on('data', (bytes) => this.#answer(pair, bytes));
    client.on('close', () => {
      // What waits is delivered over it.
      if (pair.parked.length === 0) upstream.destroy();
    });
    upstream.on('close', () => {
      this.#pairs.delete(pair);
      client.destroy();
    });
  }

  #request({ upstream, parked }: Pair, bytes: Buffer): void {
    const isParked = this.#mode === 'park_requests' || this.#mode === 'half_open';
    if (isParked || parked.length > 0) parked.push(bytes);
    else upstream.write(bytes);
  }

  #answer({ client }: Pair, bytes: Buffer): void {
    if (this.#mode === 'pass' && !client.destroyed) client.write(bytes);
  }
}
