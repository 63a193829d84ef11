import {
  webhookDeliveriesAnswer,
  type webhookDeliveryAnswer,
  webhookReplayAnswer,
  webhookTestAnswer,
} from '@quittance/sdk/answers';
import type { z } from 'zod';
import { isoOfUs } from '../../../../domain/credits/time.js';
import type { WebhookContext } from '../../../../engine/webhooks/context.js';
import { readEndpoint } from '../../../../engine/webhooks/endpoints.js';
import {
  type Delivery,
  listDeliveries,
  replay,
  sendTest,
} from '../../../../engine/webhooks/replay.js';
import type { ApiDeps } from '../../deps.js';
import type { ZodApp } from '../../zod-app.js';
import { accountOf } from '../access.js';
import { emptyBody } from '../wire/action-request.js';
import { pageOf } from '../wire/page.js';
import { toTime } from '../wire/values.js';
import { deliveriesQuery, replayBody, webhookParams } from '../wire/webhooks.js';

const tags = ['webhooks'];
const config = { access: 'account', refusals: ['webhook.not_found'] } as const;
const HIGHEST = 9_223_372_036_854_775_807n;

export function addWebhookDeliveryRoutes(
  app: ZodApp,
  deps: ApiDeps,
  webhooks: WebhookContext,
): void {
  addList(app, deps);
  addSendAgain(app, webhooks);
}

function addList(app: ZodApp, { reads }: ApiDeps): void {
  app.get(
    '/v1/webhooks/:id/deliveries',
    {
      config,
      schema: {
        tags,
        summary: 'List what was sent to a webhook, or is to be, newest first',
        params: webhookParams,
        querystring: deliveriesQuery,
        response: { 200: webhookDeliveriesAnswer },
      },
    },
    async (request) => {
      const { id } = request.params;
      await readEndpoint(reads, accountOf(request).id, id);
      const { cursor, limit, state = null } = request.query;
      const before = cursor?.[0] ?? HIGHEST;
      const rows = await listDeliveries(reads, id, { before, limit: limit + 1, state });
      const page = pageOf(rows, limit, ({ event }) => [event.toString()], present);
      return { deliveries: [...page.entries], nextCursor: page.nextCursor };
    },
  );
}

function addSendAgain(app: ZodApp, { pool }: WebhookContext): void {
  app.post(
    '/v1/webhooks/:id/test',
    {
      config,
      schema: {
        tags,
        summary: 'Send an event of type webhook.test',
        params: webhookParams,
        body: emptyBody,
        response: { 200: webhookTestAnswer },
      },
    },
    (request) => sendTest(pool, { account: accountOf(request).id, id: request.params.id }),
  );
  app.post(
    '/v1/webhooks/:id/replay',
    {
      config,
      schema: {
        tags,
        summary: 'Send again what happened since then',
        description: 'Events are kept for 30 days. Each has the id that it had before.',
        params: webhookParams,
        body: replayBody,
        response: { 200: webhookReplayAnswer },
      },
    },
    (request) => {
      const { since, only, preview } = request.body;
      return replay(pool, {
        ...{ account: accountOf(request).id, id: request.params.id, since: isoOfUs(since) },
        ...{ only, preview, ...request.idempotency },
      });
    },
  );
}

function present(delivery: Delivery): z.output<typeof webhookDeliveryAnswer> {
  const { messageId, type, data, at, state, dueAt, tries } = delivery;
  return {
    ...{ messageId, type, data, state, at: toTime(at) },
    dueAt: state === 'waiting' ? toTime(dueAt) : null,
    tries: tries.map((one) => ({ ...one, at: toTime(one.at) })),
  };
}
