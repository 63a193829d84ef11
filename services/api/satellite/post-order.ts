import { randomUUID } from 'node:crypto';
import { type EngineContext, transact } from '../../../engine/context.js';
import { originOf } from '../../../engine/accounts/origin.js';
import { applyOrderUpdate } from '../../../engine/transmissions/apply-order-update.js';
import type { ShownInvoice } from '../../../engine/transmissions/call-node.js';
import {
  openFreeOrder,
  type OpenOrder,
  placeOrder,
  type PlacedOrder,
} from '../../../engine/transmissions/open-order.js';
import { Refusal } from '../../../domain/refusal.js';
import { toMsat, ZERO_MSAT } from '../../../domain/money.js';
import { MAX_BID_MSAT, minBid } from '../../../domain/transmissions/bid.js';
import { type Channel, channelNumbered } from '../../../domain/transmissions/channels.js';
import { chargeInvoice, type ShownCharge } from './charge-invoice.js';
import { SatelliteError, tooLarge } from './errors.js';
import type { Form } from './form.js';
import { type OrderForm, parseOrderForm } from './order-form.js';
import type { OrderDeps } from './own-order.js';
import { orderToken } from './tokens.js';

export interface OrderAnswer {
  readonly auth_token: string;
  readonly uuid: string;
  readonly lightning_invoice?: ShownCharge;
}

/** Who sends it, and by which way. */
export interface Sender {
  readonly admin: boolean;
  /** The network address. */
  readonly address: string;
}

/** POST /order. The checks are in the peer's order. A refusal writes nothing. */
export async function postOrder(
  { engine, satellite }: Pick<OrderDeps, 'engine' | 'satellite'>,
  form: Form,
  { admin, address }: Sender,
): Promise<OrderAnswer> {
  const order = parseOrderForm(form);
  const channel = channelNumbered(order.channel, engine.transmissions.channels);
  if (channel === undefined || !(admin || channel.userMay.includes('post'))) {
    throw SatelliteError.coded(130, order.channel);
  }
  const message = messageOf(order, form, channel);
  const { regions } = order;
  const opening = { channel: channel.number, message, regions };
  if (!channel.paid) {
    const id = randomUUID();
    await openFreeOrder(engine, { ...opening, id, bidMsat: ZERO_MSAT });
    return { auth_token: orderToken(satellite.orderSecrets[0], id), uuid: id };
  }
  const minimum = minBid(message.length, engine.limits);
  if (order.bid < minimum) throw SatelliteError.coded(102, minimum);
  refuseUnpayable(engine, order.bid);
  const origin = originOf(engine.secret, address);
  const placed = await place(engine, { ...opening, bidMsat: toMsat(order.bid), origin });
  if (satellite.forcePayment) await forcePayment(engine, placed.order.id, placed.invoice);
  return {
    auth_token: orderToken(satellite.orderSecrets[0], placed.order.id),
    uuid: placed.order.id,
    lightning_invoice: chargeInvoice(placed.invoice, placed.order),
  };
}

/** The node takes no invoice over nothing, and clients read amounts as JSON numbers. Throws code 110. */
export function refuseUnpayable({ gateway }: EngineContext, bid: bigint): void {
  if (bid > MAX_BID_MSAT || (bid === 0n && gateway === undefined)) throw SatelliteError.coded(110);
}

async function place(engine: EngineContext, request: OpenOrder): Promise<PlacedOrder> {
  const placed = await placeOrder(engine, request).catch(asSatelliteError);
  if ('failed' in placed) throw SatelliteError.coded(placed.failed === 'invoice' ? 110 : 111);
  return placed;
}

/** What the engine refuses, and the peer does not know of. */
export function asSatelliteError(error: unknown): never {
  if (!(error instanceof Refusal)) throw error;
  throw error.status === 429 ? SatelliteError.tooManyUnpaid(error) : SatelliteError.refused(error);
}

/** As if it had been paid: for development. */
export async function forcePayment(
  engine: EngineContext,
  orderId: string,
  { hash, amountMsat: receivedMsat }: ShownInvoice,
): Promise<void> {
  const update = { hash, state: 'settled', receivedMsat } as const;
  await transact(engine, (tx) => applyOrderUpdate(tx, orderId, update, 'other'));
}

function messageOf({ message: text }: OrderForm, { file }: Form, channel: Channel): Buffer {
  if (text !== undefined && file !== undefined) {
    throw SatelliteError.bare(400, 'Choose message or file');
  }
  const message = file ?? (text === undefined ? undefined : Buffer.from(text, 'utf8'));
  if (message === undefined) throw SatelliteError.coded(126);
  if (message.length === 0) throw SatelliteError.coded(117);
  if (message.length > channel.maxMessageBytes) throw tooLarge(channel.maxMessageBytes);
  return message;
}
