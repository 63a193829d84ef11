import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import {
  changesSchema,
  type changeSchema,
  idSchema,
  importSchema,
  placedSchema,
  takenIdsSchema,
  trueOrdersSchema,
} from '../control-protocol.js';
import type { OrderBook } from '../orders/order-book.js';
import { newOrderSchema, type StoredOrder } from '../orders/order.js';
import type { RunningStore } from '../running-store.js';

/** What customers and the shop's people do to orders, and what is true of them. */
export function orderControlRoutes(instance: FastifyInstance, running: RunningStore): void {
  const server = instance.withTypeProvider<ZodTypeProvider>();

  server.get('/_control/orders', { schema: { response: { 200: trueOrdersSchema } } }, () => ({
    orders: running.current.store.orders.all().map((order) => ({
      id: order.id,
      status: order.status,
      total: order.total,
      createdAt: new Date(order.createdAt.seconds * 1000),
      modifiedAt: new Date(order.modifiedAt.seconds * 1000),
      statuses: order.statuses.map(({ status, since }) => ({
        status,
        since: new Date(since.seconds * 1000),
      })),
    })),
  }));

  server.post(
    '/_control/orders',
    { schema: { body: newOrderSchema, response: { 200: placedSchema } } },
    ({ body }) => {
      const { store } = running.current;
      const { id, number } = store.request(() => store.orders.place(body));
      return { id, number };
    },
  );

  server.post(
    '/_control/import',
    { schema: { body: importSchema, response: { 200: takenIdsSchema } } },
    ({ body: { count, announced, order } }) => {
      const { store } = running.current;
      const place = (): bigint[] =>
        Array.from({ length: count }, () => store.orders.place(order).id);
      const ids = announced ? store.request(place) : store.silently(place);
      return { first: ids[0] ?? 0n, last: ids.at(-1) ?? 0n };
    },
  );

  server.post(
    '/_control/orders/:id/changes',
    {
      schema: { params: idSchema, body: changesSchema, response: { 204: z.null(), 404: z.null() } },
    },
    async ({ params, body }, reply) => {
      const { store } = running.current;
      const order = store.orders.get(params.id);
      if (order === undefined) return reply.code(404).send(null);
      // All in one request to the site.
      store.request(() => {
        for (const change of body.changes) apply(store.orders, order, change);
      });
      return reply.code(204).send(null);
    },
  );
}

function apply(orders: OrderBook, order: StoredOrder, change: z.output<typeof changeSchema>): void {
  switch (change.change) {
    case 'status':
      orders.setStatus(order, change.status);
      break;
    case 'refund':
      orders.refund(order, change.total, change.full);
      break;
    case 'delete_refund':
      orders.deleteRefund(order);
      break;
    case 'delete':
      orders.remove(order);
      break;
    default:
      orders[change.change](order);
  }
}
