import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import {
  advanceSchema,
  afterSchema,
  clockSchema,
  deliveriesSchema,
  newWebhookSchema,
  resetSchema,
  stateSchema,
  takeIdsSchema,
  takenIdsSchema,
  trueWebhookSchema,
  webhookChangeSchema,
  idSchema,
} from '../control-protocol.js';
import { faultsSchema } from '../faults.js';
import type { RunningStore } from '../running-store.js';
import { scenarioSchema } from '../scenario/plan.js';
import type { StoredWebhook } from '../webhooks/webhook.js';

const DELIVERIES_PER_PAGE = 1_000;

/** The store's clock and life. */
export function clockRoutes(instance: FastifyInstance, running: RunningStore): void {
  const server = instance.withTypeProvider<ZodTypeProvider>();
  const state = (): z.output<typeof stateSchema> => {
    const { store, scenario } = running.current;
    const { clock, queue } = store;
    const now = new Date(clock.now() * 1000);
    return { now, rate: clock.rate, queued: queue.size, placed: scenario.placed };
  };
  const answersState = { response: { 200: stateSchema } };

  server.get('/_control/state', { schema: answersState }, state);

  server.post('/_control/reset', { schema: { body: resetSchema, ...answersState } }, ({ body }) => {
    running.replace(body);
    return state();
  });

  server.put('/_control/clock', { schema: { body: clockSchema, ...answersState } }, ({ body }) => {
    const { at, rate } = body;
    running.current.store.clock.set({
      ...(at === undefined ? {} : { at: at.getTime() / 1000 }),
      ...(rate === undefined ? {} : { rate }),
    });
    return state();
  });

  server.post(
    '/_control/advance',
    { schema: { body: advanceSchema, ...answersState } },
    async ({ body }) => {
      await running.current.store.advance(body.seconds);
      return state();
    },
  );

  server.post('/_control/drain', { schema: answersState }, async () => {
    await running.current.store.drain();
    return state();
  });

  server.put(
    '/_control/scenario',
    { schema: { body: scenarioSchema, ...answersState } },
    ({ body }) => {
      running.current.scenario.start(body);
      return state();
    },
  );

  server.delete('/_control/scenario', { schema: answersState }, () => {
    running.current.scenario.stop();
    return state();
  });
}

/** What else is on the site, what goes wrong, and what was delivered. */
export function faultRoutes(instance: FastifyInstance, running: RunningStore): void {
  const server = instance.withTypeProvider<ZodTypeProvider>();

  server.post(
    '/_control/ids',
    { schema: { body: takeIdsSchema, response: { 200: takenIdsSchema } } },
    ({ body }) => running.current.store.orders.takeIds(body.count),
  );

  server.put(
    '/_control/faults',
    { schema: { body: faultsSchema, response: { 200: faultsSchema } } },
    ({ body }) => {
      const { faults } = running.current.store;
      faults.set(body);
      return faults.current;
    },
  );

  server.get(
    '/_control/deliveries',
    { schema: { querystring: afterSchema, response: { 200: deliveriesSchema } } },
    ({ query }) => ({
      deliveries: running.current.store.log.after(query.after, DELIVERIES_PER_PAGE),
    }),
  );
}

/** Webhooks as their administrators see them, with what the REST API does not show. */
export function webhookControlRoutes(instance: FastifyInstance, running: RunningStore): void {
  const server = instance.withTypeProvider<ZodTypeProvider>();

  server.get('/_control/webhooks', { schema: { response: { 200: listed } } }, () => ({
    webhooks: running.current.store.webhooks.all().map(shown),
  }));

  server.post(
    '/_control/webhooks',
    { schema: { body: newWebhookSchema, response: { 200: trueWebhookSchema } } },
    async ({ body }) => {
      const { webhooks, deliveries } = running.current.store;
      const webhook = webhooks.create(body);
      await deliveries.pingIfOwed(webhook);
      return shown(webhook);
    },
  );

  server.patch(
    '/_control/webhooks/:id',
    {
      schema: {
        params: idSchema,
        body: webhookChangeSchema,
        response: { 200: trueWebhookSchema, 404: z.null() },
      },
    },
    async ({ params, body }, reply) => {
      const { webhooks, deliveries } = running.current.store;
      const webhook = webhooks.get(params.id);
      if (webhook === undefined) return reply.code(404).send(null);
      const { owner = webhook.owner, ...fields } = body;
      webhook.owner = owner;
      webhooks.change(webhook, fields);
      await deliveries.pingIfOwed(webhook);
      return shown(webhook);
    },
  );
}

const listed = z.object({ webhooks: z.array(trueWebhookSchema) });

function shown(webhook: StoredWebhook): z.output<typeof trueWebhookSchema> {
  const { id, topic, status, deliveryUrl, failures, pendingPing } = webhook;
  return { id, topic, status, deliveryUrl, failures, pendingPing };
}
