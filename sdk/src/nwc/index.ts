import type { PayerWallet } from '../wallets.js';
import { parseConnection } from './connection.js';
import type { SocketClass } from './relay.js';
import { NwcSession } from './session.js';

export interface NwcOptions {
  readonly name?: string;
  /** Default: that of the browser, or of Node from 22 on. In Node 20: of the package ws. */
  readonly WebSocket?: SocketClass;
}

/**
 * A wallet that pays over Nostr Wallet Connect. The connection's secret can spend: it is used here and sent nowhere. After an error of
 * {@link PayerWallet.pay}, also one that the wallet says, whether it has paid is not known.
 */
export function nwcWallet(uri: string, { name = 'NWC', WebSocket }: NwcOptions = {}): PayerWallet {
  const connection = parseConnection(uri);
  return {
    name,
    async pay(bolt11, signal) {
      const session = await NwcSession.open(connection, socketClass(WebSocket), signal);
      try {
        return await session.ask('pay_invoice', { invoice: bolt11 });
      } finally {
        session.close();
      }
    },
  };
}

function socketClass(given: SocketClass | undefined): SocketClass {
  const found = given ?? (globalThis as { WebSocket?: SocketClass }).WebSocket;
  if (found === undefined) throw new Error('there is no WebSocket: pass one');
  return found;
}

export { type NwcConnection, parseConnection } from './connection.js';
export {
  conversationKey,
  type Encryption,
  encryptionFor,
  openNip44,
  sealNip44,
} from './encryption.js';
export { isNostrEvent, isSigned, type NostrEvent, publicKeyOf, signEvent } from './event.js';
export type { Socket, SocketClass } from './relay.js';
export { NwcError, NwcSession } from './session.js';
