import type { ClientBase } from 'pg';
import type { Msat } from '../../domain/money.js';
import type { OrderState } from '../../domain/transmissions/machine.js';
import { Refusal } from '../../domain/refusal.js';
import { type EngineContext, transact } from '../context.js';
import { type IdempotencyKey, takeKey } from '../idempotency.js';
import type { WantedInvoice } from '../invoices/open-invoice.js';
import { refuseInMaintenance } from '../maintenance-mode.js';
import { giveUpBid, type ShownInvoice } from './call-node.js';
import { lockChannelOf } from './locked-channel.js';
import { type NotPlaced, tryToCreate } from './open-order.js';
import { addOrderInvoice, canBePaidFor } from './order-invoice.js';

export type BumpOutcome =
  | { readonly outcome: 'bumped'; readonly invoice: ShownInvoice }
  | { readonly outcome: 'too_late'; readonly state: OrderState }
  | { readonly outcome: 'unknown' }
  /** The same request was made before. */
  | { readonly outcome: 'replayed' }
  | ({ readonly outcome: 'failed' } & NotPlaced);

/**
 * Raises the bid of an order that is not transmitted yet by another invoice. One that cannot be created leaves the order as it was.
 * Throws Refusal `service.maintenance`.
 */
export async function bumpOrder(
  engine: EngineContext,
  orderId: string,
  amountMsat: Msat,
  { idempotencyKey }: { readonly idempotencyKey?: IdempotencyKey } = {},
): Promise<BumpOutcome> {
  const added = await transact(engine, async (tx) => {
    const resource = { kind: 'transmission', id: orderId } as const;
    const isReplay =
      idempotencyKey !== undefined && (await takeKey(tx, idempotencyKey, resource)) !== undefined;
    if (isReplay) return REPLAYED;
    const outcome = await addBid(engine, tx, orderId, amountMsat);
    // A refusal binds no key.
    if (idempotencyKey !== undefined && outcome.outcome === 'too_late') {
      throw new Refusal('transmission.too_late', `it is ${outcome.state} already`);
    }
    return outcome;
  });
  if (added.outcome !== 'added') return added;
  const created = await tryToCreate(engine, orderId, added.invoice);
  if (!('failed' in created)) return { outcome: 'bumped', invoice: created };
  await giveUpBid(engine, orderId, added.invoice.hash);
  return { outcome: 'failed', failed: created.failed };
}

const REPLAYED = { outcome: 'replayed' } as const;

type Added =
  | { readonly outcome: 'added'; readonly invoice: WantedInvoice }
  | Extract<BumpOutcome, { outcome: 'too_late' | 'unknown' }>;

async function addBid(
  engine: EngineContext,
  tx: ClientBase,
  orderId: string,
  amountMsat: Msat,
): Promise<Added> {
  const locked = await lockChannelOf(tx, orderId, 'other');
  if (locked === undefined) return { outcome: 'unknown' };
  const { state } = locked.order;
  if (!canBePaidFor(locked.order)) return { outcome: 'too_late', state };
  await refuseInMaintenance(tx);
  const { rows } = await tx.query<{ n: number }>(
    'select coalesce(max(order_bid), 0) + 1 as n from invoices where order_id = $1',
    [orderId],
  );
  const invoice = await addOrderInvoice(engine, tx, { orderId, n: rows[0]?.n ?? 1, amountMsat });
  await tx.query('update orders set unpaid_bid_msat = unpaid_bid_msat + $2 where id = $1', [
    orderId,
    amountMsat,
  ]);
  return { outcome: 'added', invoice };
}
