import type { Pool, PoolClient } from 'pg';
import type { LightningPort } from '../adapters/lightning/port.js';
import type { InvoiceGateway } from '../adapters/lightning/charge/port.js';
import type { PayeeWallets } from '../adapters/lightning/wallets/port.js';
import { inTransaction } from '../db/transaction.js';
import type { TransmissionSettings } from '../domain/transmissions/settings.js';
import type { StoreKeys } from './stored-secrets.js';
import type { Semaphore } from './semaphore.js';

/** Durations in seconds. An opening stores them in its row, so rows and histories outlive a change of configuration. */
export interface Timers {
  readonly invoiceExpirySeconds: number;
  /** An invoice is created within this, or the attempt fails. */
  readonly creationSeconds: number;
  /** How long after an invoice's expiry the node may still report a payment made in time. */
  readonly expiryGraceSeconds: number;
  readonly orderInvoiceExpirySeconds: number;
  /** How long credits that are refunded after they have expired may still be used. */
  readonly refundGraceSeconds: number;
  /** Overrides every channel's own confirmation timeout. */
  readonly confirmTimeoutSeconds?: number;
}

export interface Limits {
  /** Open attempts per account; null for any number. */
  readonly unpaidActions: number | null;
  /** Open attempts per network of the anonymous, and of all of them together. */
  readonly unpaidPerOrigin: number | null;
  readonly unpaidAnonymous: number | null;
  /** Payments to one wallet of a payee that are open; its owner may set less. */
  readonly pendingPerWallet: number | null;
  /** Bytes that the anonymous leave here without paying: of one network, and of all together; null for any number. */
  readonly unpaidBytesPerOrigin: number | null;
  readonly unpaidBytes: number | null;
  readonly minBidMsat: bigint;
  readonly minPerByteBidMsat: bigint;
  readonly minPerByteBidMicros?: bigint;
}

/** What the guarded functions work with; created once per process. */
export interface EngineContext {
  readonly pool: Pool;
  readonly node: LightningPort;
  /** Wallets of payees. Without them nobody is paid to a wallet. */
  readonly wallets?: PayeeWallets;
  /** Makes the invoices of orders in place of the node. */
  readonly gateway?: InvoiceGateway;
  readonly transmissions: TransmissionSettings;
  readonly timers: Timers;
  readonly limits: Limits;
  /** The master secret: keys for preimages, capabilities and peers' tokens are derived from it. */
  readonly secret: string;
  /** With which what is secret in rows is encrypted. */
  readonly storeKeys: StoreKeys;
  /** Master secrets before a rotation: what was made with one of them stays valid. */
  readonly formerSecrets?: readonly string[];
  /** How long a workflow's start waits for the request to create the invoice. */
  readonly startDelayMs: number;
  /** How long the request that opens it has the lease to create an invoice. */
  readonly createLeaseMs: number;
  /** Creations of invoices at the node at the same time. */
  readonly creations: Semaphore;
  /** Notifies the relays that the outbox has rows; coalesced, never inside a transaction. */
  readonly outboxChanged: () => void;
}

/** One transaction that may write to the outbox; the relays are notified after its commit. */
export async function transact<T>(
  engine: Pick<EngineContext, 'pool' | 'outboxChanged'>,
  work: (tx: PoolClient) => Promise<T>,
): Promise<T> {
  const result = await inTransaction(engine.pool, work);
  engine.outboxChanged();
  return result;
}

type Secrets = Pick<EngineContext, 'secret' | 'formerSecrets'>;

/** The secret of today and those before, in this order. */
export function secretsOf({ secret, formerSecrets = [] }: Secrets): readonly [string, ...string[]] {
  return [secret, ...formerSecrets];
}

/** What became of a message from outside. `known`: nothing new in it. `unknown`: about nothing of ours. */
export type ApplyOutcome = 'applied' | 'known' | 'unknown';
