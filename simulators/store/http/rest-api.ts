import { orderJson } from '../orders/order-json.js';
import { type RestAnswer, restError } from '../rest-error.js';
import type { SimulatedStore } from '../simulated-store.js';
import type { Authentication } from './authenticate.js';
import { fieldsOf, listOrders, wrongPage } from './list-orders.js';
import type { RestRequest } from './rest-request.js';
import { restWebhooks } from './rest-webhooks.js';

/** The REST API of version 3, as far as monitors use it. */
export async function restApi(
  store: SimulatedStore,
  authentication: Authentication,
  request: RestRequest,
): Promise<RestAnswer> {
  const { method, path, query } = request;
  if (!/^\/(?:orders|webhooks)(?:\/|$)/.test(path)) return restError('no_route', 404);
  const caller = authentication.check(request);
  if (!('kind' in caller)) return caller;
  if (caller.kind === 'nobody') {
    return restError(/^\/[a-z]+$/.test(path) ? 'cannot_list' : 'cannot_view', 401);
  }
  const wrong = wrongPage(query);
  if (wrong !== undefined) return wrong;
  if (path.startsWith('/webhooks')) return restWebhooks(store, request);
  if (method !== 'GET') return restError('no_route', 404);
  return path === '/orders' ? listOrders(store, query) : oneOrder(store, path, query);
}

/** Refunds, products and what was deleted for good: nothing tells them apart. */
function oneOrder(store: SimulatedStore, path: string, query: URLSearchParams): RestAnswer {
  const [, id] = /^\/orders\/(\d{1,19})$/.exec(path) ?? [];
  if (id === undefined) return restError('no_route', 404);
  const order = store.orders.get(BigInt(id));
  if (order === undefined) return restError('invalid_id', 404);
  return { status: 200, body: fieldsOf(orderJson(order, store.settings.homeUrl), query) };
}
