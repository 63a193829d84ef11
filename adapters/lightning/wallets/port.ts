import type { Msat } from '../../../domain/money.js';

/** The ways to reach a payee's wallet. */
export const WALLET_KINDS = ['simulator', 'lightning_address'] as const;
export type WalletKind = (typeof WALLET_KINDS)[number];

/** Where a payee's wallet is and what it takes to have it mint. Never a credential that can spend. */
export interface WalletConnection {
  readonly kind: WalletKind;
  /** Of the simulator: the wallet's name. Of a Lightning address: name@domain. */
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
}

/** Payees' wallets, which mint the invoices that are wrapped and paid. */
export interface PayeeWallets {
  /**
   * A new invoice, each time: one that nobody records is never shown and never paid. Throws {@link WalletError}.
   */
  mint(wallet: WalletConnection, request: MintInvoice): Promise<MintedInvoice>;
}

/** `refused`: the wallet said no, or does not exist. `unavailable`: no answer that can be read; it may have minted. */
export type WalletErrorKind = 'refused' | 'unavailable';

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
