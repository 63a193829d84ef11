import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { transact } from '../../../engine/context.js';
import { cancelOrder } from '../../../engine/transmissions/end-order.js';
import { readAdminOrders } from '../../../engine/transmissions/admin-orders.js';
import { findOrder, type OrderRow, orderView } from '../../../engine/transmissions/order-row.js';
import { type ChannelPermission, channelNumbered } from '../../../domain/transmissions/channels.js';
import { publicOrder, type PublicOrder } from '../../../domain/transmissions/public-order.js';
import type { ApiDeps } from '../deps.js';
import { SatelliteError } from './errors.js';
import { firstOfQuery } from './form.js';
import type { SatelliteSettings } from './settings.js';
import { isOrderToken } from './tokens.js';

/** As PostgreSQL and the peer write it; any other text names no order. */
export const orderId = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

export type OrderDeps = Pick<ApiDeps, 'engine' | 'reads'> & {
  readonly satellite: SatelliteSettings;
  /** Whether a peer is a proxy whose headers are believed. Default: none is. */
  readonly isTrustedProxy?: (address: string) => boolean;
};

/** GET /order/UUID. */
export async function showOrder(
  deps: OrderDeps,
  request: FastifyRequest,
  admin: boolean,
): Promise<PublicOrder> {
  const order = await ownOrder(deps, request, 'get', { admin });
  if (!admin) return publicOrder(orderView(order));
  const [full] = await readAdminOrders(deps.reads, [order]);
  return full ?? publicOrder(orderView(order));
}

/** DELETE /order/UUID. */
export async function deleteOrder(
  deps: OrderDeps,
  request: FastifyRequest,
  admin: boolean,
): Promise<{ message: string }> {
  const order = await ownOrder(deps, request, 'delete', { admin });
  const cancelled = await transact(deps.engine, (tx) => cancelOrder(tx, order.id));
  if (cancelled.outcome === 'unknown') throw SatelliteError.coded(104, order.id);
  if (cancelled.outcome === 'too_late') throw SatelliteError.coded(120, cancelled.state);
  return { message: 'order cancelled' };
}

/**
 * The order, if its token was sent. As with the peer, 404 comes before 401, and that before what the channel allows; `permission`
 * undefined: the caller looks at the channel.
 */
export async function ownOrder(
  { engine, reads, satellite }: OrderDeps,
  request: FastifyRequest,
  permission: ChannelPermission | undefined,
  { admin }: { readonly admin: boolean },
): Promise<OrderRow> {
  const { uuid: requested } = z.object({ uuid: z.string() }).parse(request.params);
  const id = orderId.safeParse(requested);
  const pool = permission === 'get' ? reads : engine.pool;
  const order = id.success ? await findOrder(pool, id.data) : undefined;
  if (order === undefined) throw SatelliteError.coded(104, requested);
  const token = sentToken(request);
  if (token === undefined || !isOrderToken(satellite.orderSecrets, order.id, token)) {
    throw SatelliteError.coded(109);
  }
  const channel = channelNumbered(order.channel, engine.transmissions.channels);
  const may = admin || permission === undefined || channel?.userMay.includes(permission) === true;
  if (!may) {
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
