import type { ClientBase } from 'pg';
import { pipeline } from '../../db/pipeline.js';
import type { CreatedInvoice } from '../../adapters/lightning/port.js';
import { type Msat, toMsat } from '../../domain/money.js';
import type { EngineContext } from '../context.js';
import { type MadeAtGateway, recordShown, showGatewayInvoice } from '../invoices/at-gateway.js';
import { invoiceHash, openInvoice, type WantedInvoice } from '../invoices/open-invoice.js';
import { recordCreated } from '../invoices/record-created.js';
import { finishCall } from '../outbox.js';
import { planBid } from './order-money.js';
import { lockOrder, type OrderRow } from './order-row.js';

/** What a payer's wallet shows. */
export const ORDER_MEMO = 'Satellite transmission';

/** A bid of an order: the n-th, 1 at opening. */
export interface Bid {
  readonly orderId: string;
  readonly n: number;
  readonly amountMsat: Msat;
}

/** Writes the row of a bid's invoice, and its plan. */
export async function addOrderInvoice(
  engine: EngineContext,
  tx: ClientBase,
  { orderId, n, amountMsat }: Bid,
): Promise<WantedInvoice> {
  const payable = { orderId };
  const wanted: WantedInvoice = {
    ...{ payable, n, hash: invoiceHash(engine, payable, n), kind: 'ordinary', amountMsat },
    ...{ expirySeconds: engine.timers.orderInvoiceExpirySeconds, memo: ORDER_MEMO },
  };
  await pipeline([
    openInvoice(engine, tx, wanted),
    planBid(tx, { orderId, n, amountMsat, hash: wanted.hash }),
  ]);
  return wanted;
}

/** The invoice of a bid that the node has still to create; undefined where there is none. */
export async function findWantedBid(
  db: Pick<ClientBase, 'query'>,
  orderId: string,
  n: number,
): Promise<WantedInvoice | undefined> {
  const { rows } = await db.query<{
    hash: string;
    amount_msat: bigint;
    expiry_seconds: number;
    memo: string;
  }>(
    `select hash, amount_msat, expiry_seconds, memo from invoices i join orders o on o.id = i.order_id
     where order_id = $1 and order_bid = $2 and i.state = 'wanted' and o.state in ('pending', 'paid')`,
    [orderId, n],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  return {
    ...{ payable: { orderId }, n, hash: row.hash, kind: 'ordinary' },
    ...{ amountMsat: toMsat(row.amount_msat), expirySeconds: row.expiry_seconds, memo: row.memo },
  };
}

/**
 * Records the invoice that the node has created. True when it may be shown: its order can still be paid for, and the invoice has
 * not been canceled.
 */
export async function recordOrderInvoice(
  engine: EngineContext,
  tx: ClientBase,
  orderId: string,
  invoice: CreatedInvoice,
): Promise<boolean> {
  const [order, , { rows }] = await pipeline([
    lockOrder(tx, orderId),
    recordCreated(tx, invoice),
    tx.query<{ state: string }>('select state from invoices where hash = $1', [invoice.hash]),
    waitForPayment(tx, orderId, engine.timers.expiryGraceSeconds),
  ]);
  return canBePaidFor(order) && rows[0]?.state === 'open';
}

/** {@link recordOrderInvoice} of one that a gateway has made: of several, one is shown. Undefined where it is not this one. */
export async function recordGatewayInvoice(
  engine: EngineContext,
  tx: ClientBase,
  { hash, payable }: WantedInvoice,
  { call, bolt11 }: MadeAtGateway,
): Promise<{ readonly told: boolean } | undefined> {
  if (!('orderId' in payable)) throw new Error('only orders have invoices of a gateway');
  const { orderId } = payable;
  // One round trip: each statement looks at what those before it have done.
  const [, shown] = await pipeline([
    lockOrder(tx, orderId),
    showGatewayInvoice(tx, call),
    recordShown(tx, { hash, bolt11, call }),
    finishCall(tx, 'create_invoice', hash),
    waitForPayment(tx, orderId, engine.timers.expiryGraceSeconds),
  ]);
  return shown;
}

/** A bid counts until the order is transmitted. */
export function canBePaidFor(order: Pick<OrderRow, 'state'> | undefined): boolean {
  return order?.state === 'pending' || order?.state === 'paid';
}

/** Until the last of its invoices has expired, and the node has had time to report a payment made just before. */
async function waitForPayment(
  tx: ClientBase,
  orderId: string,
  graceSeconds: number,
): Promise<void> {
  await tx.query(
    `update orders set deadline_at = d.at, due_at = d.at
     from (select max(expires_at) + $2 * interval '1 second' as at
           from invoices where order_id = $1 and state = 'open') d
     where id = $1 and state = 'pending' and d.at is not null`,
    [orderId, graceSeconds],
  );
}
