import { randomBytes } from 'node:crypto';
import {
  encryptionFor,
  isNostrEvent,
  isSigned,
  type NostrEvent,
  publicKeyOf,
  signEvent,
} from '@quittance/sdk/nwc';
import { type WebSocket, WebSocketServer } from 'ws';

export interface FakeNwc {
  readonly uri: string;
  readonly secret: string;
  /** All that came over the wire. */
  readonly received: string[];
  /** Invoices that the wallet was asked to pay. */
  readonly asked: string[];
  stop(): Promise<void>;
}

export interface FakeNwcOptions {
  /** What the wallet says that it knows; default both. */
  readonly knows?: readonly ('nip44_v2' | 'nip04')[];
  /** The answer to pay_invoice; undefined for none at all. */
  readonly answer?: (bolt11: string) => object | undefined;
  /** Sends an answer that somebody else has signed first. */
  readonly forged?: true;
  readonly refuses?: true;
}

/** A nostr relay with a wallet behind it (NIP-01, NIP-47), over real WebSockets. */
export async function startNwc(options: FakeNwcOptions = {}): Promise<FakeNwc> {
  const { knows = ['nip44_v2', 'nip04'], answer = () => ({ preimage: '00' }) } = options;
  const wallet = randomBytes(32);
  const secret = randomBytes(32);
  const received: string[] = [];
  const asked: string[] = [];
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await new Promise((resolve) => server.once('listening', resolve));

  const info = signed(wallet, 13194, 'pay_invoice', [['encryption', knows.join(' ')]]);
  const pay = async (socket: WebSocket, event: NostrEvent, to: string): Promise<void> => {
    const [, name = 'nip04'] = event.tags.find(([tag]) => tag === 'encryption') ?? [];
    const encryption = encryptionFor(name === 'nip44_v2' ? name : 'nip04', wallet, event.pubkey);
    const { params } = JSON.parse(await encryption.decrypt(event.content)) as {
      params: { invoice: string };
    };
    asked.push(params.invoice);
    const result = answer(params.invoice);
    if (result === undefined) return;
    const body = 'error' in result ? result : { result_type: 'pay_invoice', result };
    const content = await encryption.encrypt(JSON.stringify(body));
    const tags = [
      ['p', event.pubkey],
      ['e', event.id],
    ];
    if (options.forged === true) {
      const other = signed(randomBytes(32), 23195, 'AAAA', tags);
      socket.send(JSON.stringify(['EVENT', to, other]));
      socket.send(JSON.stringify(['EVENT', to, { ...other, pubkey: publicKeyOf(wallet) }]));
    }
    socket.send(JSON.stringify(['EVENT', to, signed(wallet, 23195, content, tags)]));
  };

  server.on('connection', (socket) => {
    let answersTo = '';
    socket.on('message', (data) => {
      const text = Buffer.isBuffer(data) ? data.toString() : '';
      received.push(text);
      const [what, id, filter] = JSON.parse(text) as [string, unknown, { kinds?: number[] }];
      if (what === 'REQ' && filter.kinds?.includes(13194) === true) {
        socket.send(JSON.stringify(['EVENT', id, info]));
        socket.send(JSON.stringify(['EOSE', id]));
      } else if (what === 'REQ') {
        answersTo = String(id);
      } else if (what === 'EVENT' && isNostrEvent(id)) {
        const taken = isSigned(id) && options.refuses !== true;
        socket.send(JSON.stringify(['OK', id.id, taken, taken ? '' : 'blocked: not here']));
        if (taken) void pay(socket, id, answersTo);
      }
    });
  });
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const relay = encodeURIComponent(`ws://127.0.0.1:${port}`);
  const hex = secret.toString('hex');
  return {
    uri: `nostr+walletconnect://${publicKeyOf(wallet)}?relay=${relay}&secret=${hex}`,
    secret: hex,
    received,
    asked,
    stop: () =>
      new Promise((resolve) => {
        for (const client of server.clients) client.terminate();
        server.close(() => resolve());
      }),
  };
}

function signed(secret: Uint8Array, kind: number, content: string, tags: string[][]): NostrEvent {
  return signEvent(secret, { kind, content, tags, created_at: Math.floor(Date.now() / 1000) });
}
