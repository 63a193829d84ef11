import type { ClientBase } from 'pg';
import { pipeline } from '../../db/pipeline.js';
import type { Invoice } from '../../adapters/lightning/port.js';
import type { Msat } from '../../domain/money.js';
import type { EngineContext } from '../context.js';
import { derivePreimage, hashOfPreimage } from '../invoices/preimage.js';
import { lockOrder } from './order-row.js';

/** An invoice for a bid that the node has still to create; its hash is known before. */
export interface PendingInvoice {
  readonly hash: string;
  readonly orderId: string;
  /** The n-th bid of the order: 1 at opening. */
  readonly bid: number;
  readonly amountMsat: Msat;
  readonly expirySeconds: number;
  readonly memo: string;
}

/** What a payer's wallet shows. */
export const ORDER_MEMO = 'Satellite transmission';

export function bidPreimage(engine: EngineContext, orderId: string, bid: number): string {
  return derivePreimage(engine.secret, `order/${orderId}/${bid}`);
}

/** Writes the row of a pending invoice. */
export async function addOrderInvoice(
  engine: EngineContext,
  tx: ClientBase,
  { orderId, bid, amountMsat }: Pick<PendingInvoice, 'orderId' | 'bid' | 'amountMsat'>,
): Promise<PendingInvoice> {
  const pending: PendingInvoice = {
    hash: hashOfPreimage(bidPreimage(engine, orderId, bid)),
    orderId,
    bid,
    amountMsat,
    expirySeconds: engine.timers.orderInvoiceExpirySeconds,
    memo: ORDER_MEMO,
  };
  await tx.query(
    `insert into invoices (hash, order_id, order_bid, kind, amount_msat, expiry_seconds, memo)
     values ($1, $2, $3, 'ordinary', $4, $5, $6)`,
    [pending.hash, orderId, bid, amountMsat, pending.expirySeconds, ORDER_MEMO],
  );
  return pending;
}

/**
 * Records the invoice that the node has created. True when it may be shown: its order still waits for payment, and the invoice has
 * not been canceled.
 */
export async function recordOrderInvoice(
  engine: EngineContext,
  tx: ClientBase,
  orderId: string,
  invoice: Invoice,
): Promise<boolean> {
  const [order, { rows }] = await pipeline([
    lockOrder(tx, orderId),
    tx.query<{ state: string }>(
      `with opened as (
         update invoices set state = 'open', bolt11 = $3, created_at = $4, expires_at = $5, changed_at = clock_timestamp()
         where hash = $1 and order_id = $2 and state = 'wanted' returning state)
       select coalesce((select state from opened), state) as state from invoices where hash = $1`,
      [invoice.hash, orderId, invoice.bolt11, invoice.createdAt, invoice.expiresAt],
    ),
    waitForPayment(tx, orderId, engine.timers.expiryGraceSeconds),
  ]);
  return order?.state === 'pending' && rows[0]?.state === 'open';
}

/** Until the last of its invoices has expired, and the node has had time to report a payment made just before. */
async function waitForPayment(
  tx: ClientBase,
  orderId: string,
  graceSeconds: number,
): Promise<void> {
  await tx.query(
    `update orders set deadline_at = d.at, due_at = d.at, lease_until = null
     from (select max(expires_at) + $2 * interval '1 second' as at
           from invoices where order_id = $1 and state = 'open') d
     where id = $1 and state = 'pending' and d.at is not null`,
    [orderId, graceSeconds],
  );
}
