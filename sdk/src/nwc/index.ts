import type { PayerWallet } from '../wallets.js';
import { type NwcConnection, parseConnection } from './connection.js';
import { type Encryption, encryptionFor } from './encryption.js';
import { isSigned, type NostrEvent, publicKeyOf, signEvent } from './event.js';
import { Relay, type SocketClass } from './relay.js';

/** Kinds of events. Source: NIP-47. */
const INFO = 13194;
const REQUEST = 23194;
const RESPONSE = 23195;
/** A wallet whose info does not come is written to in the way that all know. */
const INFO_MS = 3_000;

/** The wallet has answered that it could not. Whether it has paid all the same is not known. */
export class NwcError extends Error {
  override readonly name = 'NwcError';

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export interface NwcOptions {
  readonly name?: string;
  /** Default: that of the browser, or of Node from 22 on. In Node 20: of the package ws. */
  readonly WebSocket?: SocketClass;
}

/** A wallet that pays over Nostr Wallet Connect. The connection's secret can spend: it is used here and sent nowhere. */
export function nwcWallet(uri: string, { name = 'NWC', WebSocket }: NwcOptions = {}): PayerWallet {
  const connection = parseConnection(uri);
  return {
    name,
    pay: (bolt11, signal) =>
      ask(
        connection,
        socketClass(WebSocket),
        { method: 'pay_invoice', params: { invoice: bolt11 } },
        signal,
      ),
  };
}

function socketClass(given: SocketClass | undefined): SocketClass {
  const found = given ?? (globalThis as { WebSocket?: SocketClass }).WebSocket;
  if (found === undefined) throw new Error('there is no WebSocket: pass one');
  return found;
}

interface Question {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Over the first relay that can be reached. Rejects with NwcError, or when the signal is aborted. */
async function ask(
  connection: NwcConnection,
  WebSocket: SocketClass,
  question: Question,
  signal: AbortSignal,
): Promise<unknown> {
  const relay = await orAborted(firstRelay(connection, WebSocket), signal);
  try {
    return await orAborted(askOver(relay, connection, question), signal);
  } finally {
    relay.close();
  }
}

async function firstRelay({ relays }: NwcConnection, WebSocket: SocketClass): Promise<Relay> {
  let failure: unknown;
  for (const url of relays) {
    const relay = new Relay(url, WebSocket);
    try {
      await relay.opened;
      return relay;
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

async function askOver(
  relay: Relay,
  connection: NwcConnection,
  question: Question,
): Promise<unknown> {
  const { wallet, secret } = connection;
  const encryption = encryptionFor(await knownBy(relay, wallet), secret, wallet);
  const request = signEvent(secret, {
    kind: REQUEST,
    created_at: Math.floor(Date.now() / 1000),
    tags: [
      ['p', wallet],
      ...(encryption.name === 'nip04' ? [] : [['encryption', encryption.name]]),
    ],
    content: await encryption.encrypt(JSON.stringify(question)),
  });
  const answered = nextAnswer(relay, connection, request);
  const refusal = await relay.publish(request);
  if (refusal !== undefined) throw new NwcError('RELAY', refusal);
  const { content } = await answered;
  return resultOf(JSON.parse(await encryption.decrypt(content)));
}

function knownIn({ tags }: NostrEvent): Encryption['name'] {
  const [, known = ''] = tags.find(([tag]) => tag === 'encryption') ?? [];
  return known.split(' ').includes('nip44_v2') ? 'nip44_v2' : 'nip04';
}

/** What the wallet says that it can decrypt. */
function knownBy(relay: Relay, wallet: string): Promise<Encryption['name']> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve('nip04'), INFO_MS);
    const decide = (name: Encryption['name']): void => {
      clearTimeout(timer);
      resolve(name);
    };
    relay
      .subscribe({ kinds: [INFO], authors: [wallet], limit: 1 }, (event) => {
        if (event === 'end') decide('nip04');
        else if (event.pubkey === wallet && isSigned(event)) decide(knownIn(event));
      })
      .catch(reject);
  });
}

function nextAnswer(
  relay: Relay,
  { wallet, secret }: NwcConnection,
  { id }: NostrEvent,
): Promise<NostrEvent> {
  return new Promise((resolve, reject) => {
    const filter = {
      kinds: [RESPONSE],
      authors: [wallet],
      '#e': [id],
      '#p': [publicKeyOf(secret)],
    };
    relay
      .subscribe(filter, (event) => {
        if (event === 'end' || event.pubkey !== wallet || !isSigned(event)) return;
        if (event.kind !== RESPONSE || !event.tags.some(([tag, of]) => tag === 'e' && of === id))
          return;
        resolve(event);
      })
      .catch(reject);
  });
}

function resultOf(answer: unknown): unknown {
  const { error, result } = Object(answer) as { error?: unknown; result?: unknown };
  if (error === undefined || error === null) return result;
  const { code, message } = Object(error) as { code?: unknown; message?: unknown };
  throw new NwcError(String(code), String(message));
}

function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new Error('no answer in time'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

export { parseConnection } from './connection.js';
export { type Encryption, encryptionFor, openNip44, sealNip44 } from './encryption.js';
export { isNostrEvent, isSigned, type NostrEvent, publicKeyOf, signEvent } from './event.js';
