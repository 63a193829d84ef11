import { Refusal } from '../../../../domain/refusal.js';
import type { IntakeContext } from '../../../../engine/intake/context.js';
import { createWebhooks, deliveryUrlOf } from '../../../../engine/intake/stores/create-webhooks.js';
import { openStore } from '../../../../engine/intake/stores/open-store.js';
import {
  readStoreOrder,
  readStoreOrders,
  readStores,
} from '../../../../engine/intake/stores/read-stores.js';
import { connectTo, readStore } from '../../../../engine/intake/stores/store.js';
import { addSecret } from '../../../../engine/intake/stores/webhook-secrets.js';
import type { ApiDeps } from '../../deps.js';
import type { ZodApp } from '../../zod-app.js';
import { answerStatus } from '../idempotency.js';
import { presentStore, presentStoreOrder } from '../present-store.js';
import { pageOf } from '../wire/page.js';
import {
  newSecretBody,
  newStoreAnswer,
  newStoreBody,
  secretAnswer,
  storeAnswer,
  storeOrderParams,
  storeOrdersAnswer,
  storeOrdersQuery,
  storeOrderWithTrail,
  storeParams,
  storesAnswer,
  storesQuery,
} from '../wire/stores.js';
import { toTime } from '../wire/values.js';

const tags = ['stores'];
const access = 'stores';
const HIGHEST = 9_223_372_036_854_775_807n;

export function addStoreRoutes(app: ZodApp, deps: ApiDeps, intake: IntakeContext): void {
  addOpen(app, deps, intake);
  addSecrets(app, intake);
  addReads(app, deps);
  addOrders(app, deps);
}

function addOpen(app: ZodApp, { engine: { pool } }: ApiDeps, intake: IntakeContext): void {
  app.post(
    '/v1/stores',
    {
      config: { access, refusals: ['store.id_taken', 'store.no_key'] },
      schema: {
        tags,
        summary: 'Add a store',
        body: newStoreBody,
        response: { 200: newStoreAnswer, 201: newStoreAnswer },
      },
    },
    async ({ body, idempotency }, reply) => {
      const { id, url, name, zone, secrets, apiKey, settings } = body;
      if (body.createWebhooks && apiKey === undefined) {
        throw new Refusal('store.no_key', 'webhooks are created with an API key that may write');
      }
      const key = apiKey === undefined ? {} : { apiKey };
      const { replayed } = await openStore(intake, {
        id,
        url,
        name,
        zone,
        secrets,
        settings,
        ...key,
        ...idempotency,
      });
      const api = connectTo(intake, await readStore(pool, id));
      const webhooks =
        body.createWebhooks && !replayed && api !== undefined
          ? await createWebhooks(intake, id, api)
          : null;
      return reply.code(answerStatus(reply, replayed, 201)).send({
        store: await storeOf(pool, id),
        deliveryUrl: deliveryUrlOf(intake, id),
        webhooks: webhooks && { ...webhooks, problems: [...webhooks.problems] },
      });
    },
  );
}

function addSecrets(app: ZodApp, intake: IntakeContext): void {
  app.post(
    '/v1/stores/:store/secrets',
    {
      config: { access, refusals: ['store.not_found'] },
      schema: {
        tags,
        summary: 'Add a secret that the store’s deliveries may be signed with',
        description:
          'Deliveries that were refused before can be replayed: `quittance intake replay`.',
        params: storeParams,
        body: newSecretBody,
        response: { 200: secretAnswer },
      },
    },
    async ({ params: { store }, body: { secret, topic, webhookId } }) => {
      await readStore(intake.pool, store);
      const of = webhookId === undefined ? {} : { webhookId };
      await addSecret(intake.pool, intake.keys, { store, secret, topic, ...of });
      return { added: true as const };
    },
  );
}

function addReads(app: ZodApp, { reads }: ApiDeps): void {
  app.get(
    '/v1/stores',
    {
      config: { access: 'read', audited: false },
      schema: {
        tags,
        summary: 'List the stores',
        querystring: storesQuery,
        response: { 200: storesAnswer },
      },
    },
    async ({ query: { cursor, limit } }) => {
      const rows = await readStores(reads, { after: cursor?.[0] ?? '', limit: limit + 1 });
      const page = pageOf(rows, limit, ({ id }) => [id], presentStore);
      return { stores: [...page.entries], nextCursor: page.nextCursor };
    },
  );
  app.get(
    '/v1/stores/:store',
    {
      config: { access: 'read', audited: false, refusals: ['store.not_found'] },
      schema: {
        tags,
        summary: 'Read a store',
        params: storeParams,
        response: { 200: storeAnswer },
      },
    },
    ({ params: { store } }) => storeOf(reads, store),
  );
}

export async function storeOf(
  pool: ApiDeps['reads'],
  id: string,
): Promise<ReturnType<typeof presentStore>> {
  const [store] = await readStores(pool, { after: '', limit: 1, only: id });
  if (store === undefined) throw new Refusal('store.not_found', `there is no store ${id}`);
  return presentStore(store);
}

function addOrders(app: ZodApp, { reads }: ApiDeps): void {
  app.get(
    '/v1/stores/:store/orders',
    {
      config: { access: 'read', refusals: ['store.not_found'] },
      schema: {
        tags,
        summary: 'List a store’s orders, highest id first',
        params: storeParams,
        querystring: storeOrdersQuery,
        response: { 200: storeOrdersAnswer },
      },
    },
    async ({ params: { store }, query: { cursor, limit } }) => {
      await readStore(reads, store);
      const rows = await readStoreOrders(reads, store, {
        before: cursor?.[0] ?? HIGHEST,
        limit: limit + 1,
      });
      const page = pageOf(rows, limit, ({ orderId }) => [orderId.toString()], presentStoreOrder);
      return { orders: [...page.entries], nextCursor: page.nextCursor };
    },
  );
  app.get(
    '/v1/stores/:store/orders/:order',
    {
      config: { access: 'read', refusals: ['store.order_not_found'] },
      schema: {
        tags,
        summary: 'Read an order with every delivery, check and decision about it',
        params: storeOrderParams,
        response: { 200: storeOrderWithTrail },
      },
    },
    async ({ params: { store, order: orderId } }) => {
      const { order, trail } = await readStoreOrder(reads, store, orderId);
      const lines = trail.map(({ at, what, detail }) => ({
        at: toTime(at),
        what,
        detail: { ...detail },
      }));
      return { order: presentStoreOrder(order), trail: lines };
    },
  );
}
