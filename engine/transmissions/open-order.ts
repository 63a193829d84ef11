import { createHash, randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import { type Invoice, LightningError } from '../../adapters/lightning/port.js';
import { pipeline } from '../../db/pipeline.js';
import type { Msat } from '../../domain/money.js';
import { minBid, otaBytes } from '../../domain/transmissions/bid.js';
import { orderMachine } from '../../domain/transmissions/machine.js';
import { Refusal } from '../../domain/refusal.js';
import type { RegionBits } from '../../domain/transmissions/regions.js';
import { CALL_OVERDUE_SECONDS } from '../../domain/overdue.js';
import { type EngineContext, transact } from '../context.js';
import { refuseInMaintenance } from '../maintenance-mode.js';
import { enqueueOpening } from '../outbox.js';
import { ensureOrderInvoice } from './call-node.js';
import { expireOrder } from './end-order.js';
import type { WantedInvoice } from '../invoices/open-invoice.js';
import { addOrderInvoice } from './order-invoice.js';
import type { OrderRow } from './order-row.js';
import { openedState } from '../transition.js';
import { orderStart } from './order-start.js';

export interface OpenOrder {
  /** A paid channel. */
  readonly channel: number;
  readonly message: Buffer;
  /** At least the message's minimum bid. */
  readonly bidMsat: Msat;
  readonly regions: RegionBits;
  /** A keyed hash of the network it comes from. Without it, nothing is limited. */
  readonly origin?: Buffer;
}

export interface OpenedOrder {
  readonly order: OrderRow;
  readonly invoice: WantedInvoice;
}

/**
 * Opens an order with its message, the pending invoice of its bid, and the start of its workflow. Throws Refusal
 * `service.maintenance`, `anonymous.too_much_unpaid`.
 */
export async function openOrder(
  engine: EngineContext,
  tx: ClientBase,
  request: OpenOrder,
): Promise<OpenedOrder> {
  const { channel, message, bidMsat } = request;
  const id = randomUUID();
  const opening = { machine: orderMachine, subject: id, event: 'opened' } as const;
  const summary = `channel ${channel}, ${otaBytes(message.length)} bytes on air, bid ${bidMsat} msat`;
  const start = orderStart({ id, channel, state: openedState(opening) }, summary);
  const [order, , invoice] = await pipeline([
    insertOrder(engine, tx, id, request),
    tx.query('insert into order_messages (order_id, body) values ($1, $2)', [id, message]),
    addOrderInvoice(engine, tx, { orderId: id, n: 1, amountMsat: bidMsat }),
    enqueueOpening(tx, opening, start, { delayMs: engine.startDelayMs }),
    refuseInMaintenance(tx),
    refuseTooMuch(engine, tx, request.origin),
  ]);
  return { order, invoice };
}

/** Called after the order is written, in the same round trip. */
async function refuseTooMuch(
  { limits }: EngineContext,
  tx: ClientBase,
  origin: Buffer | undefined,
): Promise<void> {
  if (origin === undefined) return;
  const { rows } = await tx.query<{ exceeded: string | null }>(
    'select anonymous_bytes_exceed($1, $2, $3) as exceeded',
    [origin, limits.anonymousOriginBytes, limits.anonymousBytes],
  );
  if (rows[0]?.exceeded === null) return;
  throw new Refusal('anonymous.too_much_unpaid', 'too much is unpaid: pay, or try again later');
}

async function insertOrder(
  { limits, timers }: EngineContext,
  tx: ClientBase,
  id: string,
  { channel, message, bidMsat, regions, origin }: OpenOrder,
): Promise<OrderRow> {
  const minimum = minBid(message.length, limits);
  if (bidMsat < minimum) throw new RangeError(`a bid of ${bidMsat} msat is below ${minimum}`);
  const { rows } = await tx.query<OrderRow>(
    `insert into orders (
       id, channel, state, unpaid_bid_msat, min_bid_msat, message_size, ota_bytes, message_digest, regions,
       confirm_timeout_seconds, due_at, deadline_at, origin)
     select $1, c.number, 'pending', $3, $4, $5, $6, $7, $8, coalesce($9::float8, c.confirm_timeout_seconds),
       t.now + least($10::float8, $11::float8) * interval '1 second', t.now + $11::float8 * interval '1 second', $12
     from channels c, (select clock_timestamp() as now) t
     where c.number = $2 and c.paid and $5 <= c.max_message_bytes
     returning *`,
    [
      id,
      channel,
      bidMsat,
      minimum,
      message.length,
      otaBytes(message.length),
      createHash('sha256').update(message).digest('hex'),
      regions,
      timers.confirmTimeoutSeconds ?? null,
      CALL_OVERDUE_SECONDS,
      timers.creationSeconds,
      origin ?? null,
    ],
  );
  const row = rows[0];
  if (row === undefined) throw new RangeError(`channel ${channel} does not take this message`);
  return row;
}

export interface PlacedOrder {
  readonly order: OrderRow;
  readonly invoice: Invoice;
}

/**
 * What an HTTP request does: opens the order and creates its invoice at the node. Undefined when the node did not create one: the
 * order has expired, and its workflow cancels what may be left at the node. Throws Refusal `service.maintenance`.
 */
export async function placeOrder(
  engine: EngineContext,
  request: OpenOrder,
): Promise<PlacedOrder | undefined> {
  const { order, invoice } = await transact(engine, (tx) => openOrder(engine, tx, request));
  const created = await tryToCreate(engine, order.id, invoice);
  if (created.invoice !== undefined) return { order, invoice: created.invoice };
  await transact(engine, (tx) => expireOrder(tx, order.id, created.reason));
  return undefined;
}

async function tryToCreate(
  engine: EngineContext,
  orderId: string,
  wanted: WantedInvoice,
): Promise<{ invoice: Invoice } | { invoice: undefined; reason: string }> {
  try {
    const invoice = await ensureOrderInvoice(engine, orderId, wanted);
    return invoice === undefined ? { invoice, reason: 'its invoice came too late' } : { invoice };
  } catch (error) {
    if (!(error instanceof LightningError)) throw error;
    return { invoice: undefined, reason: `the node created no invoice: ${error.code}` };
  }
}
