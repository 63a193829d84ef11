import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type EngineContext, transact } from '../../../engine/context.js';
import { cancelOrder } from '../../../engine/transmissions/end-order.js';
import { findOrder, type OrderRow, orderView } from '../../../engine/transmissions/order-row.js';
import { type ChannelPermission, channelNumbered } from '../../../domain/transmissions/channels.js';
import { publicOrder, type PublicOrder } from '../../../domain/transmissions/public-order.js';
import { SatelliteError } from './errors.js';
import { firstOfEach, type Form } from './form.js';
import { isOrderToken } from './tokens.js';

/** As PostgreSQL and the peer write them; anything else names no order. */
const uuid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

/** GET /order/UUID. */
export async function showOrder(
  engine: EngineContext,
  request: FastifyRequest,
  form: Form,
): Promise<PublicOrder> {
  return publicOrder(orderView(await ownOrder(engine, request, form, 'get')));
}

/** DELETE /order/UUID. */
export async function deleteOrder(
  engine: EngineContext,
  request: FastifyRequest,
  form: Form,
): Promise<{ message: string }> {
  const order = await ownOrder(engine, request, form, 'delete');
  const cancelled = await transact(engine, (tx) => cancelOrder(tx, order.id));
  if (cancelled.outcome === 'unknown') throw SatelliteError.coded(104, order.id);
  if (cancelled.outcome === 'too_late') throw SatelliteError.coded(120, cancelled.state);
  return { message: 'order cancelled' };
}

/** The order whose token is presented. As at the peer, an unknown order is reported before a wrong token. */
async function ownOrder(
  engine: EngineContext,
  request: FastifyRequest,
  form: Form,
  permission: ChannelPermission,
): Promise<OrderRow> {
  const { uuid: asked } = z.object({ uuid: z.string() }).parse(request.params);
  const id = uuid.safeParse(asked);
  const order = id.success ? await findOrder(engine.pool, id.data) : undefined;
  if (order === undefined) throw SatelliteError.coded(104, asked);
  const token = presentedToken(request, form);
  if (token === undefined || !isOrderToken(engine.secret, order.id, token)) {
    throw SatelliteError.coded(109);
  }
  if (channelNumbered(order.channel)?.userMay.includes(permission) !== true) {
    throw SatelliteError.coded(130, order.channel);
  }
  return order;
}

/** The first one present counts, even where a later one would be right. */
function presentedToken(request: FastifyRequest, form: Form): string | undefined {
  const header = request.headers['x-auth-token'];
  return (
    form.fields.get('auth_token') ??
    firstOfEach(request.query).get('auth_token') ??
    (typeof header === 'string' ? header : header?.[0])
  );
}
