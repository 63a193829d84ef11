import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { encryptionFor, type NostrEvent, publicKeyOf, signEvent } from '@quittance/sdk/nwc';
import { type WebSocket, WebSocketServer } from 'ws';

type Params = Readonly<Record<string, string | number>>;
type Methods = Readonly<Record<string, (params: Params) => unknown>>;

/** A stub of a relay and of a wallet behind it (NIP-01, NIP-47): no wallet of others is used here. */
export class NwcService {
  encryption: 'nip44_v2' | 'nip04' = 'nip44_v2';
  /** What it says that it permits; undefined: it does not say. */
  methods: readonly string[] | undefined = ['get_info', 'make_invoice', 'lookup_invoice'];
  readonly errors = new Map<string, { readonly code: string; readonly message: string }>();
  isSilent = false;
  /** Answers are signed by somebody else. */
  isForged = false;
  /** How often it was connected to, at the level of TCP. */
  connections = 0;
  readonly asked: string[] = [];
  readonly encryptions: string[] = [];
  readonly #secret = randomBytes(32);
  readonly #clientSecret = randomBytes(32);

  private constructor(
    private readonly http: Server,
    private readonly server: WebSocketServer,
    private readonly handlers: Methods,
  ) {
    http.on('connection', () => (this.connections += 1));
    server.on('connection', (socket) => this.#serve(socket));
  }

  static async start(handlers: Methods): Promise<NwcService> {
    const http = createServer();
    const server = new WebSocketServer({ server: http });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    return new NwcService(http, server, handlers);
  }

  get uri(): string {
    const address = this.http.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const relay = encodeURIComponent(`ws://127.0.0.1:${port}`);
    const secret = this.#clientSecret.toString('hex');
    return `nostr+walletconnect://${publicKeyOf(this.#secret)}?relay=${relay}&secret=${secret}`;
  }

  close(): Promise<void> {
    for (const client of this.server.clients) client.terminate();
    this.server.close();
    return new Promise((resolve) => this.http.close(() => resolve()));
  }

  #serve(socket: WebSocket): void {
    const subscriptions = new Map<number, string>();
    const send = (message: readonly unknown[]): void => socket.send(JSON.stringify(message));
    socket.on('message', (data: Buffer) => {
      const [type, first, second] = JSON.parse(data.toString()) as [string, unknown, unknown];
      if (type === 'REQ') {
        const [kind = 0] = (second as { kinds: number[] }).kinds;
        subscriptions.set(kind, String(first));
        if (kind === 13194) send(['EVENT', first, this.#info()]);
        send(['EOSE', first]);
      }
      if (type === 'EVENT') {
        const event = first as NostrEvent;
        send(['OK', event.id, true, '']);
        void this.#answer(event).then((answer) => {
          if (!this.isSilent) send(['EVENT', subscriptions.get(23195), answer]);
        });
      }
    });
  }

  #info(): NostrEvent {
    const tags = this.encryption === 'nip04' ? [] : [['encryption', 'nip44_v2 nip04']];
    const content = 'make_invoice lookup_invoice';
    return signEvent(this.#secret, { created_at: now(), kind: 13194, tags, content });
  }

  async #answer(request: NostrEvent): Promise<NostrEvent> {
    const isNip04 = request.content.includes('?iv=');
    this.encryptions.push(isNip04 ? 'nip04' : 'nip44_v2');
    const encryption = encryptionFor(isNip04 ? 'nip04' : 'nip44_v2', this.#secret, request.pubkey);
    const text = await encryption.decrypt(request.content);
    const { method, params } = JSON.parse(text) as { method: string; params: Params };
    this.asked.push(method);
    const answer = JSON.stringify({ result_type: method, ...(await this.#do(method, params)) });
    const content = await encryption.encrypt(answer);
    const tags = [
      ['p', request.pubkey],
      ['e', request.id],
    ];
    const signer = this.isForged ? this.#clientSecret : this.#secret;
    return signEvent(signer, { created_at: now(), kind: 23195, tags, content });
  }

  async #do(method: string, params: Params): Promise<Record<string, unknown>> {
    const error = this.errors.get(method);
    if (error !== undefined) return { error };
    if (method !== 'get_info') return { result: await this.handlers[method]?.(params) };
    if (this.methods === undefined) return { error: { code: 'RESTRICTED', message: 'no' } };
    return { result: { alias: 'a stub', methods: this.methods } };
  }
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}
