import { createHash, randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import { LightningError } from '../../adapters/lightning/port.js';
import { pipeline } from '../../db/pipeline.js';
import type { Msat } from '../../domain/money.js';
import { minBid, otaBytes } from '../../domain/transmissions/bid.js';
import { type Channel, channelNumbered } from '../../domain/transmissions/channels.js';
import { orderMachine } from '../../domain/transmissions/machine.js';
import type { RegionBits } from '../../domain/transmissions/regions.js';
import { RECHECK_SECONDS } from '../../domain/transmissions/timing.js';
import { CALL_OVERDUE_SECONDS } from '../../domain/overdue.js';
import { type EngineContext, transact } from '../context.js';
import { CallbackNotRegistered } from '../invoices/at-gateway.js';
import { refuseInMaintenance } from '../maintenance-mode.js';
import { enqueueOpening } from '../outbox.js';
import { ensureOrderInvoice, type ShownInvoice } from './call-node.js';
import { expireOrder } from './end-order.js';
import type { WantedInvoice } from '../invoices/open-invoice.js';
import { lockChannel } from './locked-channel.js';
import { addOrderInvoice } from './order-invoice.js';
import type { OrderRow } from './order-row.js';
import { orderStart } from './order-start.js';
import { startNext } from './start-next.js';
import { keepWithinBytes } from './unpaid-bytes.js';

export interface OpenOrder {
  readonly channel: number;
  readonly message: Buffer;
  /** At least the message's minimum bid; 0 where the channel costs nothing. */
  readonly bidMsat: Msat;
  readonly regions: RegionBits;
  /** Default: a new one. */
  readonly id?: string;
  /** Of somebody without an account, whose unpaid bytes are bounded. */
  readonly origin?: Buffer;
}

export interface OpenedOrder {
  readonly order: OrderRow;
  readonly invoice: WantedInvoice;
}

/**
 * Opens an order with its message, the pending invoice of its bid, and the start of its workflow, all in one round trip. `check` comes
 * after what is written. Throws Refusal `service.maintenance`, or what `check` throws.
 */
export async function openOrder(
  engine: EngineContext,
  tx: ClientBase,
  request: OpenOrder,
  check: () => Promise<void> = () => Promise.resolve(),
): Promise<OpenedOrder> {
  const { message, bidMsat } = request;
  const channel = channelFor(engine, request);
  if (!channel.paid) throw new RangeError(`channel ${channel.number} costs nothing`);
  const id = request.id ?? randomUUID();
  const opening = { machine: orderMachine, subject: id, event: 'opened' } as const;
  const state = 'pending';
  const start = orderStart({ id, channel: channel.number, state }, summaryOf(request));
  const [order, , invoice] = await pipeline([
    insertOrder(engine, tx, { ...request, id, state, channel }),
    tx.query('insert into order_messages (order_id, body) values ($1, $2)', [id, message]),
    addOrderInvoice(engine, tx, { orderId: id, n: 1, amountMsat: bidMsat }),
    enqueueOpening(tx, opening, start, { delayMs: engine.startDelayMs }),
    refuseInMaintenance(tx),
    check(),
  ]);
  return { order, invoice };
}

/**
 * Opens an order on a channel that costs nothing: it is paid, and started at once where the channel is free. `first` runs in the same
 * transaction: where it gives an id, the order was opened before under it, and nothing is done.
 */
export function openFreeOrder(
  engine: EngineContext,
  request: OpenOrder,
  first: (tx: ClientBase, id: string) => Promise<string | undefined> = () =>
    Promise.resolve(undefined),
): Promise<OrderRow | string> {
  const channel = channelFor(engine, request);
  if (channel.paid) throw new RangeError(`channel ${channel.number} is paid for`);
  const id = request.id ?? randomUUID();
  const opening = { machine: orderMachine, subject: id, event: 'accepted' } as const;
  const state = 'paid';
  return transact(engine, async (tx) => {
    const before = await first(tx, id);
    if (before !== undefined) return before;
    const locked = await lockChannel(tx, channel.number);
    const [order] = await pipeline([
      insertOrder(engine, tx, { ...request, id, state, channel }),
      tx.query('insert into order_messages (order_id, body) values ($1, $2)', [
        id,
        request.message,
      ]),
      enqueueOpening(
        tx,
        opening,
        orderStart({ id, channel: channel.number, state }, summaryOf(request)),
      ),
    ]);
    // Its workflow starts with this transaction.
    locked.awake.add(id);
    const started = await startNext(locked);
    return started?.id === id ? started : order;
  });
}

function summaryOf({ channel, message, bidMsat }: OpenOrder): string {
  return `channel ${channel}, ${otaBytes(message.length)} bytes on air, bid ${bidMsat} msat`;
}

function channelFor({ transmissions }: EngineContext, { channel, message }: OpenOrder): Channel {
  const found = channelNumbered(channel, transmissions.channels);
  if (found === undefined || message.length > found.maxMessageBytes) {
    throw new RangeError(`channel ${channel} does not take this message`);
  }
  return found;
}

interface OrderToInsert extends Omit<OpenOrder, 'channel'> {
  readonly id: string;
  readonly state: 'pending' | 'paid';
  readonly channel: Channel;
}

async function insertOrder(
  { limits, timers, transmissions: { retransmissions } }: EngineContext,
  tx: ClientBase,
  { id, state, channel, message, bidMsat, regions, origin }: OrderToInsert,
): Promise<OrderRow> {
  const minimum = channel.paid ? minBid(message.length, limits) : 0n;
  if (bidMsat < minimum) throw new RangeError(`a bid of ${bidMsat} msat is below ${minimum}`);
  const { limit, backoffSeconds, presumeAfter, turnAfterSeconds } = retransmissions;
  const { rows } = await tx.query<OrderRow>(
    `insert into orders (
       id, channel, state, unpaid_bid_msat, min_bid_msat, message_size, ota_bytes, message_digest, regions,
       confirm_timeout_seconds, rate_bytes_per_second, retry_limit, retry_backoff_seconds, presume_after, turn_after_seconds,
       origin, due_at, deadline_at)
     select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
       t.now + case when $3 = 'paid' then $17 else least($18::float8, $19::float8) end * interval '1 second',
       case when $3 = 'pending' then t.now + $19::float8 * interval '1 second' end
     from (select clock_timestamp() as now) t
     returning *`,
    [
      ...[id, channel.number, state, bidMsat, minimum, message.length, otaBytes(message.length)],
      ...[createHash('sha256').update(message).digest('hex'), regions],
      ...[timers.confirmTimeoutSeconds ?? channel.confirmTimeoutSeconds, channel.rate],
      ...[limit, backoffSeconds, presumeAfter, turnAfterSeconds],
      ...[state === 'pending' ? (origin ?? null) : null],
      ...[RECHECK_SECONDS, CALL_OVERDUE_SECONDS, timers.creationSeconds],
    ],
  );
  const row = rows[0];
  if (row === undefined) throw new Error(`order ${id} was not inserted`);
  return row;
}

export interface PlacedOrder {
  readonly order: OrderRow;
  readonly invoice: ShownInvoice;
}

/** Which call of the node or gateway failed. */
export interface NotPlaced {
  readonly failed: 'invoice' | 'callback';
}

/**
 * What an HTTP request does: opens the order and creates its invoice at the node. Where the node did not create one, the order has
 * expired, and its workflow cancels what may be left at the node. Throws Refusal `service.maintenance`,
 * `transmission.too_many_unpaid`.
 */
export async function placeOrder(
  engine: EngineContext,
  request: OpenOrder,
): Promise<PlacedOrder | NotPlaced> {
  const { order, invoice } = await keepWithinBytes(engine, request.origin, (tx, check) =>
    openOrder(engine, tx, request, check),
  );
  const created = await tryToCreate(engine, order.id, invoice, order.message_digest);
  if (!('failed' in created)) return { order, invoice: created };
  await transact(engine, (tx) => expireOrder(tx, order.id, created.reason));
  return { failed: created.failed };
}

/** Creates the invoice of a bid, or says which call failed and why. */
export async function tryToCreate(
  engine: EngineContext,
  orderId: string,
  wanted: WantedInvoice,
  digest?: string,
): Promise<ShownInvoice | (NotPlaced & { readonly reason: string })> {
  try {
    const invoice = await ensureOrderInvoice(engine, orderId, wanted, digest);
    return invoice ?? { failed: 'invoice', reason: 'its invoice came too late' };
  } catch (error) {
    if (error instanceof CallbackNotRegistered) {
      return { failed: 'callback', reason: 'the gateway registered no callback' };
    }
    if (!(error instanceof LightningError)) throw error;
    return { failed: 'invoice', reason: `the node created no invoice: ${error.code}` };
  }
}
