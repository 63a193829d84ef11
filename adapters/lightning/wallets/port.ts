import type { Msat } from '../../../domain/money.js';
import type { PaymentHash } from '../port.js';

/** The ways to reach a payee's wallet. */
export const WALLET_KINDS = ['simulator', 'lightning_address', 'nwc', 'lnd'] as const;
export type WalletKind = (typeof WALLET_KINDS)[number];

/** Those whose address is a secret of the payee: it is kept encrypted, and shown to its owner only. */
export const SECRET_KINDS: readonly WalletKind[] = ['nwc', 'lnd'];

/** Where a payee's wallet is and what it takes to have it mint. Never a credential that can spend. */
export interface WalletConnection {
  readonly kind: WalletKind;
  /**
   * Of the simulator: the wallet's name. Of a Lightning address: name@domain. Of NWC: its URI. Of lnd: an lndconnect URI with an invoice
   * macaroon. The last two are secrets of the payee.
   */
  readonly address: string;
}

export interface MintInvoice {
  readonly amountMsat: Msat;
  readonly expirySeconds: number;
  /** At most 639 bytes of UTF-8; empty beside a description's hash. */
  readonly memo: string;
  readonly descriptionHash?: string;
}

/** What the wallet answered. What it says is decided by the node's decoding and not by the wallet. */
export interface MintedInvoice {
  readonly bolt11: string;
  /** Where its wallet says whether it was paid, if it offers that (LUD-21). */
  readonly verify?: string;
}

/** Payees' wallets, which mint the invoices that are wrapped and paid. */
export interface PayeeWallets {
  /**
   * A new invoice, each time: one that nobody records is never shown and never paid. Throws {@link WalletError}.
   */
  mint(wallet: WalletConnection, request: MintInvoice): Promise<MintedInvoice>;
  /** Whether the wallet says that it was paid: for people, it decides nothing. Undefined where it cannot be asked. Throws WalletError. */
  hasReceived?(
    wallet: WalletConnection,
    hash: PaymentHash,
    verify: string | null,
  ): Promise<boolean | undefined>;
  /** Throws {@link WalletError} where it could be used to spend, or cannot be used at all. Default: nothing is known of that. */
  check?(wallet: WalletConnection): Promise<void>;
}

/**
 * `refused`: the wallet said no, or does not exist. `unavailable`: no answer that can be read; it may have minted. `can_spend`: what we
 * were given permits to spend, so it is not used.
 */
export type WalletErrorKind = 'refused' | 'unavailable' | 'can_spend';

export class WalletError extends Error {
  override readonly name = 'WalletError';

  constructor(
    readonly kind: WalletErrorKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
