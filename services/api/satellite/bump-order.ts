import type { FastifyRequest } from 'fastify';
import { bumpOrder } from '../../../engine/transmissions/bump-order.js';
import { channelNumbered } from '../../../domain/transmissions/channels.js';
import { canBePaidFor } from '../../../engine/transmissions/order-invoice.js';
import { toMsat } from '../../../domain/money.js';
import { chargeInvoice, type ShownCharge } from './charge-invoice.js';
import { SatelliteError } from './errors.js';
import { parseBumpForm } from './order-form.js';
import { type OrderDeps, ownOrder } from './own-order.js';
import { asSatelliteError, forcePayment, refuseUnpayable } from './post-order.js';
import { orderToken } from './tokens.js';

interface BumpAnswer {
  readonly auth_token: string;
  readonly lightning_invoice: ShownCharge;
}

/** POST /order/UUID/bump: another invoice that raises the bid. The checks are in the peer's order. */
export async function postBump(deps: OrderDeps, request: FastifyRequest): Promise<BumpAnswer> {
  const { engine, satellite } = deps;
  const { bid_increase: increase } = parseBumpForm(request.form);
  const order = await ownOrder(deps, request, undefined, { admin: false });
  const channel = channelNumbered(order.channel, engine.transmissions.channels);
  if (channel?.paid !== true) throw SatelliteError.coded(130, order.channel);
  if (!canBePaidFor(order)) throw SatelliteError.coded(121, order.state);
  refuseUnpayable(engine, increase);
  refuseUnpayable(engine, increase + order.bid_msat + order.unpaid_bid_msat);
  const bumped = await bumpOrder(engine, order.id, toMsat(increase)).catch(asSatelliteError);
  switch (bumped.outcome) {
    case 'unknown':
    case 'replayed':
      throw SatelliteError.coded(104, order.id);
    case 'too_late':
      throw SatelliteError.coded(121, bumped.state);
    case 'failed':
      throw SatelliteError.coded(bumped.failed === 'invoice' ? 110 : 111);
    case 'bumped':
      break;
  }
  const { invoice } = bumped;
  if (satellite.forcePayment) await forcePayment(engine, order.id, invoice);
  return {
    auth_token: orderToken(satellite.orderSecrets[0], order.id),
    lightning_invoice: chargeInvoice(invoice, order),
  };
}
