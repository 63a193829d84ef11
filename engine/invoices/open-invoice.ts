import type { ClientBase } from 'pg';
import { pipeline } from '../../db/pipeline.js';
import type { PaymentHash, Preimage } from '../../adapters/lightning/port.js';
import type { Msat } from '../../domain/money.js';
import { type EngineContext, secretsOf } from '../context.js';
import { type Payable, payableId } from '../ledger/legs.js';
import { callRow, enqueue } from '../outbox.js';
import { derivePreimage, hashOfPreimage } from './preimage.js';

/** An invoice that a payable needs and the node has still to create: what the node is asked for. */
export interface WantedInvoice {
  readonly payable: Payable;
  /** The n-th invoice of its payable: 1 unless an order's bid is raised. */
  readonly n: number;
  readonly hash: PaymentHash;
  readonly kind: 'ordinary' | 'hold';
  readonly amountMsat: Msat;
  readonly expirySeconds: number;
  /** Shown to the payer. */
  readonly memo: string;
  /** In place of the memo. */
  readonly descriptionHash?: string;
  /** Blocks that the payer must leave; default: the node's. */
  readonly minFinalCltv?: number;
}

/** Names the invoice: its preimage comes from it, so a second creation finds the first. */
export function invoiceName(payable: Payable, n: number): string {
  return 'orderId' in payable ? `${payableId(payable)}/${n}` : payableId(payable);
}

export function invoiceHash(
  { secret }: Pick<EngineContext, 'secret'>,
  payable: Payable,
  n = 1,
): PaymentHash {
  return hashOfPreimage(derivePreimage(secret, invoiceName(payable, n)));
}

type Secrets = Pick<EngineContext, 'secret' | 'formerSecrets'>;
type NamedInvoice = Pick<WantedInvoice, 'payable' | 'n' | 'hash'>;

/** The preimage of an invoice that may have been opened under a former secret. Undefined where none of our secrets makes its hash. */
export function findPreimage(
  engine: Secrets,
  { payable, n, hash }: NamedInvoice,
): Preimage | undefined {
  return secretsOf(engine)
    .map((secret) => derivePreimage(secret, invoiceName(payable, n)))
    .find((preimage) => hashOfPreimage(preimage) === hash);
}

/** {@link findPreimage}, of an invoice that must be ours. */
export function invoicePreimage(engine: Secrets, invoice: NamedInvoice): Preimage {
  const preimage = findPreimage(engine, invoice);
  if (preimage !== undefined) return preimage;
  throw new Error(`the QUITTANCE_SECRET of invoice ${invoice.hash} is not known here`);
}

/**
 * Writes the row of an invoice, the ownership of its hash and the call to the node that creates it. The caller of this makes that call
 * after its transaction, if it can; its lease keeps others from making it meanwhile.
 */
export async function openInvoice(
  engine: EngineContext,
  tx: ClientBase,
  { payable, n, hash, kind, amountMsat, expirySeconds, memo }: WantedInvoice,
): Promise<void> {
  const isOrder = 'orderId' in payable;
  const written = tx.query(
    `with owner as (insert into payment_hashes (hash, payable) values ($1, $2))
     insert into invoices (hash, action_id, attempt, order_id, order_bid, kind, amount_msat, expiry_seconds, memo, gateway)
     values ($1, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      ...[hash, payableId(payable)],
      ...(isOrder
        ? [null, null, payable.orderId, n]
        : [payable.actionId, payable.attempt, null, null]),
      ...[kind, amountMsat, expirySeconds, memo],
      // Orders only: what a gateway makes cannot be held, nor closed.
      isOrder ? (engine.gateway?.name ?? null) : null,
    ],
  );
  const call = callRow('create_invoice', hash, { leaseMs: engine.createLeaseMs });
  await pipeline([written, enqueue(tx, [call])]);
}
