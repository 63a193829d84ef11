import { z } from 'zod';
import { eventSchema, isSignedBy, type NostrEvent, signEvent, tagOf } from './event.js';
import { type PublicKey, publicKeyOf } from './keys.js';
import { decryptNip04, encryptNip04 } from './nip04.js';
import { conversationKey, decryptNip44, encryptNip44 } from './nip44.js';
import { type OpenSocket, RelaySocket } from './relay-socket.js';

/** NIP-47. */
const INFO = 13194;
const REQUEST = 23194;
const RESPONSE = 23195;
const URI = /^nostr\+walletconnect:(?:\/\/)?([0-9a-f]{64})\?(.+)$/;
const SECRET = /^[0-9a-f]{64}$/;

const responseSchema = z.object({
  result_type: z.string(),
  error: z.object({ code: z.string(), message: z.string().optional() }).nullish(),
  result: z.unknown().optional(),
});

/** What a wallet hands out, to be asked over a relay. */
export interface WalletConnectUri {
  readonly wallet: PublicKey;
  readonly relay: URL;
  readonly secret: Buffer;
}

/** Undefined where it is none. */
export function readWalletConnectUri(text: string): WalletConnectUri | undefined {
  const [, wallet = '', query = ''] = URI.exec(text) ?? [];
  const parameters = new URLSearchParams(query);
  const relay = parameters.get('relay') ?? '';
  const secret = parameters.get('secret') ?? '';
  if (wallet === '' || !SECRET.test(secret) || !URL.canParse(relay)) return undefined;
  const url = new URL(relay);
  if (url.protocol !== 'wss:' && url.protocol !== 'ws:') return undefined;
  return { wallet, relay: url, secret: Buffer.from(secret, 'hex') };
}

/** The wallet has answered that it does not do it. */
export class WalletRefused extends Error {
  override readonly name = 'WalletRefused';

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(`${code}: ${message}`);
  }
}

/** Requests of one connection, over one socket, in the encryption that the wallet knows. */
export class WalletConnection {
  private constructor(
    private readonly relay: RelaySocket,
    private readonly uri: WalletConnectUri,
    private readonly isNip44: boolean,
  ) {}

  static async open(
    uri: WalletConnectUri,
    open: OpenSocket,
    signal: AbortSignal,
  ): Promise<WalletConnection> {
    const relay = await RelaySocket.open(uri.relay, open, signal);
    try {
      const filter = { kinds: [INFO], authors: [uri.wallet], limit: 1 };
      const isInfo = (event: NostrEvent): boolean =>
        event.kind === INFO && isSignedBy(event, uri.wallet);
      const info = await relay.first(filter, isInfo, { stored: true });
      const known = info === undefined ? '' : (tagOf(info, 'encryption') ?? '');
      return new WalletConnection(relay, uri, known.split(/[ ,]/).includes('nip44_v2'));
    } catch (error) {
      relay.close();
      throw error;
    }
  }

  close(): void {
    this.relay.close();
  }

  /** Throws {@link WalletRefused} where the wallet answers with an error. */
  async ask<S extends z.ZodType>(
    method: string,
    params: Readonly<Record<string, unknown>>,
    result: S,
  ): Promise<z.output<S>> {
    const { wallet, secret } = this.uri;
    const own = publicKeyOf(secret);
    const request = signEvent(
      {
        created_at: Math.floor(Date.now() / 1000),
        kind: REQUEST,
        tags: [['p', wallet], ...(this.isNip44 ? [['encryption', 'nip44_v2']] : [])],
        content: this.#encrypt(JSON.stringify({ method, params })),
      },
      secret,
    );
    const filter = { kinds: [RESPONSE], authors: [wallet], '#p': [own], '#e': [request.id] };
    const answer = this.relay.first(filter, (event) => this.#isAnswer(event, request));
    // Told by `publish` where it fails first.
    answer.catch(() => undefined);
    await this.relay.publish(request);
    const event = eventSchema.parse(await answer);
    const response = responseSchema.parse(JSON.parse(this.#decrypt(event.content)));
    const { error } = response;
    if (error) throw new WalletRefused(error.code, error.message ?? 'no reason');
    return result.parse(response.result);
  }

  #isAnswer(event: NostrEvent, request: NostrEvent): boolean {
    return (
      event.kind === RESPONSE &&
      tagOf(event, 'e') === request.id &&
      isSignedBy(event, this.uri.wallet)
    );
  }

  #encrypt(text: string): string {
    const { wallet, secret } = this.uri;
    if (this.isNip44) return encryptNip44(text, conversationKey(secret, wallet));
    return encryptNip04(text, secret, wallet);
  }

  #decrypt(content: string): string {
    const { wallet, secret } = this.uri;
    const isNip04 = content.includes('?iv=');
    if (isNip04) return decryptNip04(content, secret, wallet);
    return decryptNip44(content, conversationKey(secret, wallet));
  }
}
