import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { transact } from '../../../engine/context.js';
import { cancelOrder } from '../../../engine/transmissions/end-order.js';
import { findOrder, type OrderRow, orderView } from '../../../engine/transmissions/order-row.js';
import { type ChannelPermission, channelNumbered } from '../../../domain/transmissions/channels.js';
import { publicOrder, type PublicOrder } from '../../../domain/transmissions/public-order.js';
import type { ApiDeps } from '../deps.js';
import { SatelliteError } from './errors.js';
import { firstOfQuery } from './form.js';
import { isOrderToken, orderTokenSecrets } from './tokens.js';

/** As PostgreSQL and the peer write it; any other text names no order. */
const uuid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

export type OrderDeps = Pick<ApiDeps, 'engine' | 'reads' | 'orderTokenSecrets'>;

/** GET /order/UUID. */
export async function showOrder(deps: OrderDeps, request: FastifyRequest): Promise<PublicOrder> {
  return publicOrder(orderView(await ownOrder(deps, request, 'get')));
}

/** DELETE /order/UUID. */
export async function deleteOrder(
  deps: OrderDeps,
  request: FastifyRequest,
): Promise<{ message: string }> {
  const order = await ownOrder(deps, request, 'delete');
  const cancelled = await transact(deps.engine, (tx) => cancelOrder(tx, order.id));
  if (cancelled.outcome === 'unknown') throw SatelliteError.coded(104, order.id);
  if (cancelled.outcome === 'too_late') throw SatelliteError.coded(120, cancelled.state);
  return { message: 'order cancelled' };
}

/** The order, if its token was sent. As with the peer, 404 comes before 401. */
async function ownOrder(
  deps: OrderDeps,
  request: FastifyRequest,
  permission: ChannelPermission,
): Promise<OrderRow> {
  const { engine, reads } = deps;
  const { uuid: requested } = z.object({ uuid: z.string() }).parse(request.params);
  const id = uuid.safeParse(requested);
  const pool = permission === 'get' ? reads : engine.pool;
  const order = id.success ? await findOrder(pool, id.data) : undefined;
  if (order === undefined) throw SatelliteError.coded(104, requested);
  const token = sentToken(request);
  if (token === undefined || !isOrderToken(orderTokenSecrets(deps), order.id, token)) {
    throw SatelliteError.coded(109);
  }
  if (channelNumbered(order.channel)?.userMay.includes(permission) !== true) {
    throw SatelliteError.coded(130, order.channel);
  }
  return order;
}

/** The first place that has a token counts, even if a later one has the right token. */
function sentToken(request: FastifyRequest): string | undefined {
  const header = request.headers['x-auth-token'];
  return (
    request.form.fields.get('auth_token') ??
    firstOfQuery(request.query, 'auth_token') ??
    (typeof header === 'string' ? header : header?.[0])
  );
}
