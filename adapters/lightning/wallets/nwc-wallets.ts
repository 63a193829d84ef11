import { type NwcConnection, NwcError, NwcSession, parseConnection } from '@quittance/sdk/nwc';
import { z } from 'zod';
import type { PaymentHash } from '../port.js';
import {
  type MintedInvoice,
  type MintInvoice,
  type PayeeWallets,
  type WalletConnection as Connection,
  WalletError,
} from './port.js';
import { PublicSocket } from './relay-sockets.js';

const infoResult = z.object({ methods: z.array(z.string()) });
const mintedResult = z.object({ invoice: z.string().min(1).max(8_192) });
const lookedUpResult = z.object({ settled_at: z.number().nullish(), state: z.string().nullish() });

/** Whoever has a connection that may do one of these can spend. */
const SPENDING = /^(pay_|multi_pay_|create_connection$)/;

export interface NwcOptions {
  /** For all questions together. */
  readonly timeoutMs: number;
  /** Default: only to public addresses. */
  readonly WebSocket?: Parameters<typeof NwcSession.open>[1];
}

/**
 * Payees' wallets over Nostr Wallet Connect (NIP-47). The rights of a connection can change, so before each invoice the wallet is asked
 * what it permits; one that says that it may spend, or does not say, is refused.
 */
export class NwcWallets implements PayeeWallets {
  constructor(private readonly options: NwcOptions) {}

  check({ address }: Connection): Promise<void> {
    return this.#with(address, () => Promise.resolve());
  }

  mint({ address }: Connection, request: MintInvoice): Promise<MintedInvoice> {
    const { amountMsat, expirySeconds: expiry, memo, descriptionHash } = request;
    const described =
      descriptionHash === undefined ? { description: memo } : { description_hash: descriptionHash };
    // A number in JSON: exact up to 2^53 msat, 90,000 BTC.
    const asked = { amount: Number(amountMsat), expiry, ...described };
    return this.#with(address, async (wallet) => {
      const { invoice: bolt11 } = mintedResult.parse(await wallet.ask('make_invoice', asked));
      return { bolt11 };
    });
  }

  /** Whether the wallet says that it was paid: for people, it decides nothing. */
  hasReceived({ address }: Connection, hash: PaymentHash): Promise<boolean> {
    return this.#with(address, async (wallet) => {
      const asked = { payment_hash: hash };
      const found = await wallet.ask('lookup_invoice', asked);
      const { settled_at: at, state } = lookedUpResult.parse(found);
      return typeof at === 'number' || state === 'settled';
    });
  }

  async #with<T>(address: string, work: (wallet: NwcSession) => Promise<T>): Promise<T> {
    const connection = connectionOf(address);
    const { timeoutMs, WebSocket = PublicSocket } = this.options;
    let wallet: NwcSession | undefined;
    try {
      wallet = await NwcSession.open(connection, WebSocket, AbortSignal.timeout(timeoutMs));
      const { methods } = infoResult.parse(await wallet.ask('get_info', {}));
      const spending = methods.find((method) => SPENDING.test(method));
      if (spending !== undefined) {
        throw new WalletError('can_spend', `the connection permits ${spending}`);
      }
      return await work(wallet);
    } catch (error) {
      throw told(error);
    } finally {
      wallet?.close();
    }
  }
}

function connectionOf(address: string): NwcConnection {
  try {
    return parseConnection(address);
  } catch {
    // Without its cause, which might quote it.
    throw new WalletError('refused', 'not a Nostr Wallet Connect URI');
  }
}

function told(cause: unknown): WalletError {
  if (cause instanceof WalletError) return cause;
  if (cause instanceof NwcError && cause.code !== 'RELAY') {
    return new WalletError('refused', `${cause.code}: ${cause.message}`, { cause });
  }
  return new WalletError('unavailable', 'no answer over its relay that can be read', { cause });
}
