import { randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import { type Msat, ZERO_MSAT } from '../../domain/money.js';
import { MAX_BID_MSAT, minBid } from '../../domain/transmissions/bid.js';
import { type Channel, channelNumbered } from '../../domain/transmissions/channels.js';
import type { RegionBits } from '../../domain/transmissions/regions.js';
import { Refusal } from '../../domain/refusal.js';
import { type EngineContext, transact } from '../context.js';
import { type IdempotencyKey, readTaken, takeKey } from '../idempotency.js';
import type { WantedInvoice } from '../invoices/open-invoice.js';
import { readDraft, takeDraft } from './drafts.js';
import { expireOrder } from './end-order.js';
import { openFreeOrder, type OpenOrder, openOrder, tryToCreate } from './open-order.js';
import { findOrder } from './order-row.js';
import { keepWithinBytes } from './unpaid-bytes.js';

export interface OpenTransmission {
  /** Default: a new one. Opened once. */
  readonly id?: string;
  readonly channel: number;
  readonly regions: RegionBits;
  readonly bidMsat: Msat;
  readonly message: Buffer | { readonly draftId: string };
  /** Whether it may use every channel. */
  readonly operator: boolean;
  /** Of somebody without an account. */
  readonly origin?: Buffer;
  readonly idempotencyKey?: IdempotencyKey;
}

export interface OpenedTransmission {
  readonly orderId: string;
  readonly replayed: boolean;
}

/**
 * Opens an order for a service; its invoice is left to the node call of its outbox row when `createInvoice` is false. Throws Refusal with
 * one of the codes `transmission.*`, or `service.maintenance`.
 */
export async function openTransmission(
  engine: EngineContext,
  request: OpenTransmission,
  { createInvoice = true }: { readonly createInvoice?: boolean } = {},
): Promise<OpenedTransmission> {
  const before = await findReplayed(engine, request);
  if (before !== undefined) return { orderId: before, replayed: true };
  const channel = channelFor(engine, request);
  const message = await messageOf(engine, request, channel);
  const orderId = request.id ?? randomUUID();
  const { regions, origin } = request;
  const opening: OpenOrder = {
    ...{ id: orderId, channel: channel.number, message, regions },
    bidMsat: channel.paid ? request.bidMsat : ZERO_MSAT,
    ...(origin === undefined ? {} : { origin }),
  };
  if (!channel.paid) return openFree(engine, request, opening);
  refuseBid(engine, message, request.bidMsat);
  const opened = await keepWithinBytes(engine, origin, async (tx, check) => {
    const taken = await claimKey(tx, request, orderId);
    if (taken !== undefined) return { orderId: taken };
    return { orderId, invoice: (await openOrder(engine, tx, opening, check)).invoice };
  });
  if (!('invoice' in opened)) return { orderId: opened.orderId, replayed: true };
  if (createInvoice) await createOrExpire(engine, orderId, opened.invoice);
  return { orderId, replayed: false };
}

/** By its key, or by its own id. */
async function findReplayed(
  { pool }: EngineContext,
  { id, idempotencyKey }: OpenTransmission,
): Promise<string | undefined> {
  if (id !== undefined && (await findOrder(pool, id)) !== undefined) return id;
  if (idempotencyKey === undefined) return undefined;
  const { rowCount } = await pool.query(
    'select from idempotency_keys where scope = $1 and key = $2',
    [idempotencyKey.scope, idempotencyKey.key],
  );
  if (rowCount === 0) return undefined;
  const client = await pool.connect();
  try {
    return (await readTaken(client, idempotencyKey)).id;
  } finally {
    client.release();
  }
}

/** Of concurrent requests with one key the second finds what the first opened. */
async function claimKey(
  tx: ClientBase,
  { idempotencyKey, message }: OpenTransmission,
  id: string,
): Promise<string | undefined> {
  if (idempotencyKey !== undefined) {
    const taken = await takeKey(tx, idempotencyKey, { kind: 'transmission', id });
    if (taken !== undefined) return taken.id;
  }
  if (!Buffer.isBuffer(message)) await takeDraft(tx, message.draftId);
  return undefined;
}

async function openFree(
  engine: EngineContext,
  request: OpenTransmission,
  opening: OpenOrder,
): Promise<OpenedTransmission> {
  const taken = await openFreeOrder(engine, opening, (tx, id) => claimKey(tx, request, id));
  return typeof taken === 'string'
    ? { orderId: taken, replayed: true }
    : { orderId: taken.id, replayed: false };
}

function channelFor(
  { transmissions }: EngineContext,
  { channel: number, operator }: OpenTransmission,
): Channel {
  const channel = channelNumbered(number, transmissions.channels);
  if (channel === undefined || !(operator || channel.userMay.includes('post'))) {
    throw new Refusal(
      'transmission.channel_not_allowed',
      `nothing can be sent on channel ${number}`,
    );
  }
  return channel;
}

async function messageOf(
  { pool }: EngineContext,
  { message }: OpenTransmission,
  { maxMessageBytes }: Channel,
): Promise<Buffer> {
  const bytes = Buffer.isBuffer(message) ? message : await readDraft(pool, message.draftId);
  if (bytes.length === 0 || bytes.length > maxMessageBytes) {
    throw new Refusal(
      'transmission.message_invalid',
      `a message has 1 to ${maxMessageBytes} bytes`,
    );
  }
  return bytes;
}

function refuseBid({ limits }: EngineContext, message: Buffer, bidMsat: Msat): void {
  const minimum = minBid(message.length, limits);
  if (bidMsat < minimum || bidMsat === ZERO_MSAT) {
    throw new Refusal('transmission.bid_too_low', `the minimum bid is ${minimum} msat`);
  }
  if (bidMsat > MAX_BID_MSAT) {
    throw new Refusal('transmission.bid_too_high', `the maximum bid is ${MAX_BID_MSAT} msat`);
  }
}

async function createOrExpire(
  engine: EngineContext,
  orderId: string,
  wanted: WantedInvoice,
): Promise<void> {
  const created = await tryToCreate(engine, orderId, wanted);
  if (!('failed' in created)) return;
  await transact(engine, (tx) => expireOrder(tx, orderId, created.reason));
  throw new Refusal('transmission.invoice_failed', created.reason);
}
