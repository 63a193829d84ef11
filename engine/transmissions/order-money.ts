import type { ClientBase } from 'pg';
import { type Msat, subtractMsat, toMsat, ZERO_MSAT } from '../../domain/money.js';
import { type Holder, postEntry } from '../ledger/post-entry.js';
import type { OrderRow } from './order-row.js';

const OUTSIDE: Holder = { system: 'outside' };
const REVENUE: Holder = { system: 'revenue' };
/** Money of somebody we cannot credit: what was paid for orders that were cancelled or have expired. */
const CLAIMS: Holder = { system: 'claims' };

/** Books what a payer paid for an order, by the state the order has now. */
export async function bookPayment(
  tx: ClientBase,
  order: OrderRow,
  hash: string,
  receivedMsat: Msat,
): Promise<void> {
  const over = order.state === 'cancelled' || order.state === 'expired';
  await move(tx, `order/${order.id}/${hash}`, OUTSIDE, over ? CLAIMS : REVENUE, receivedMsat);
}

/** An order that ends unsent has not earned what was paid for it. */
export async function releasePayments(tx: ClientBase, order: OrderRow): Promise<void> {
  await move(tx, `order/${order.id}/unsent`, REVENUE, CLAIMS, toMsat(order.bid_msat));
}

async function move(
  tx: ClientBase,
  key: string,
  from: Holder,
  to: Holder,
  amountMsat: Msat,
): Promise<void> {
  await postEntry(tx, key, [
    { holder: from, asset: 'SATS', amountMsat: subtractMsat(ZERO_MSAT, amountMsat) },
    { holder: to, asset: 'SATS', amountMsat },
  ]);
}
