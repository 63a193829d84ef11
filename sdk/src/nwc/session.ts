import type { NwcConnection } from './connection.js';
import { type Encryption, encryptionFor } from './encryption.js';
import { isSigned, type NostrEvent, publicKeyOf, signEvent, tagOf } from './event.js';
import { Relay, type SocketClass } from './relay.js';

/** Kinds of events. Source: NIP-47. */
const INFO = 13194;
const REQUEST = 23194;
const RESPONSE = 23195;
/** A wallet whose info does not come is written to in the way that all know. */
const INFO_MS = 3_000;

/** The wallet has answered that it could not, or the relay that it does not take the request (code RELAY). */
export class NwcError extends Error {
  override readonly name = 'NwcError';

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Questions to a wallet over one connection to a relay. All end with the signal. */
export class NwcSession {
  private constructor(
    private readonly relay: Relay,
    private readonly connection: NwcConnection,
    private readonly encryption: Encryption,
  ) {}

  /** Over the first relay that can be reached. */
  static async open(
    connection: NwcConnection,
    WebSocket: SocketClass,
    signal: AbortSignal,
  ): Promise<NwcSession> {
    const { wallet, secret } = connection;
    const relay = await firstRelay(connection, WebSocket, signal);
    try {
      const encryption = encryptionFor(await knownBy(relay, wallet), secret, wallet);
      return new NwcSession(relay, connection, encryption);
    } catch (error) {
      relay.close();
      throw error;
    }
  }

  /** The result as the wallet gives it. Rejects with NwcError where it, or the relay, refuses. */
  async ask(method: string, params: Readonly<Record<string, unknown>>): Promise<unknown> {
    const { wallet, secret } = this.connection;
    const { name } = this.encryption;
    const request = signEvent(secret, {
      kind: REQUEST,
      created_at: Math.floor(Date.now() / 1000),
      tags: [['p', wallet], ...(name === 'nip04' ? [] : [['encryption', name]])],
      content: await this.encryption.encrypt(JSON.stringify({ method, params })),
    });
    const about = { '#e': [request.id], '#p': [publicKeyOf(secret)] };
    const answered = this.relay.first(
      { kinds: [RESPONSE], authors: [wallet], ...about },
      (event) =>
        isFrom(wallet, event) && event.kind === RESPONSE && tagOf(event, 'e') === request.id,
    );
    const refusal = await this.relay.publish(request);
    if (refusal !== undefined) throw new NwcError('RELAY', refusal);
    const answer = await answered;
    if (answer === undefined) throw new Error('no answer');
    return resultOf(JSON.parse(await this.#decrypt(answer.content)));
  }

  close(): void {
    this.relay.close();
  }

  /** Some wallets answer in the older way to whatever they are asked in. */
  #decrypt(content: string): Promise<string> {
    const { wallet, secret } = this.connection;
    const isNip04 = content.includes('?iv=');
    if (isNip04 === (this.encryption.name === 'nip04')) return this.encryption.decrypt(content);
    return encryptionFor(isNip04 ? 'nip04' : 'nip44_v2', secret, wallet).decrypt(content);
  }
}

async function firstRelay(
  { relays }: NwcConnection,
  WebSocket: SocketClass,
  signal: AbortSignal,
): Promise<Relay> {
  let failure: unknown;
  for (const url of relays) {
    try {
      const relay = new Relay(url, WebSocket, signal);
      await relay.opened;
      return relay;
    } catch (error) {
      failure = error;
    }
    if (signal.aborted) break;
  }
  throw failure;
}

/** What the wallet says that it can decrypt. */
async function knownBy(relay: Relay, wallet: string): Promise<Encryption['name']> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLong = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), INFO_MS);
  });
  const told = relay.first(
    { kinds: [INFO], authors: [wallet], limit: 1 },
    (event) => isFrom(wallet, event) && event.kind === INFO,
    { stored: true },
  );
  const info = await Promise.race([told, tooLong]).finally(() => clearTimeout(timer));
  const known = (info && tagOf(info, 'encryption')) ?? '';
  return known.split(/[ ,]/).includes('nip44_v2') ? 'nip44_v2' : 'nip04';
}

/** Relays are not trusted. */
function isFrom(wallet: string, event: NostrEvent): boolean {
  return event.pubkey === wallet && isSigned(event);
}

function resultOf(answer: unknown): unknown {
  const { error, result } = Object(answer) as { error?: unknown; result?: unknown };
  if (error === undefined || error === null) return result;
  const { code, message } = Object(error) as { code?: unknown; message?: unknown };
  throw new NwcError(String(code), typeof message === 'string' ? message : 'no reason');
}
