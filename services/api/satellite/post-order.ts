import { originOf } from '../../../engine/accounts/origin.js';
import { placeOrder } from '../../../engine/transmissions/open-order.js';
import { Refusal } from '../../../domain/refusal.js';
import { toMsat } from '../../../domain/money.js';
import { MAX_BID_MSAT, minBid } from '../../../domain/transmissions/bid.js';
import { type Channel, channelNumbered } from '../../../domain/transmissions/channels.js';
import { chargeInvoice, type ChargeInvoice } from './charge-invoice.js';
import { SatelliteError, tooLarge } from './errors.js';
import type { Form } from './form.js';
import { type OrderForm, parseOrderForm } from './order-form.js';
import type { OrderDeps } from './own-order.js';
import { orderToken, orderTokenSecrets } from './tokens.js';

export interface OrderAnswer {
  readonly auth_token: string;
  readonly uuid: string;
  readonly lightning_invoice: ChargeInvoice;
}

/** POST /order. The checks are in the peer's order. A refusal writes nothing. */
export async function postOrder(
  deps: OrderDeps,
  form: Form,
  address: string,
): Promise<OrderAnswer> {
  const { engine } = deps;
  const [secret] = orderTokenSecrets(deps);
  const order = parseOrderForm(form);
  const channel = channelNumbered(order.channel);
  if (channel?.userMay.includes('post') !== true) throw SatelliteError.coded(130, order.channel);
  const message = messageOf(order, form, channel);
  const minimum = minBid(message.length, engine.limits);
  if (order.bid < minimum) throw SatelliteError.coded(102, minimum);
  if (order.bid === 0n || order.bid > MAX_BID_MSAT) throw SatelliteError.coded(110);
  const placed = await placeOrder(engine, {
    channel: channel.number,
    message,
    bidMsat: toMsat(order.bid),
    regions: order.regions,
    origin: originOf(engine.secret, address),
  }).catch((error: unknown) => {
    throw error instanceof Refusal ? SatelliteError.refused(error) : error;
  });
  if (placed === undefined) throw SatelliteError.coded(110);
  return {
    auth_token: orderToken(secret, placed.order.id),
    uuid: placed.order.id,
    lightning_invoice: chargeInvoice(placed.invoice, placed.order),
  };
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
