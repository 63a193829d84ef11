import { webhookAnswer, webhooksAnswer, webhookWithKeyAnswer } from '@quittance/sdk/answers';
import type { z } from 'zod';
import type { WebhookContext } from '../../../../engine/webhooks/context.js';
import {
  changeEndpoint,
  createEndpoint,
  deleteEndpoint,
  type Endpoint,
  listEndpoints,
  readEndpoint,
  rotateSecret,
} from '../../../../engine/webhooks/endpoints.js';
import type { ApiDeps } from '../../deps.js';
import type { ZodApp } from '../../zod-app.js';
import { accountOf } from '../access.js';
import { answerStatus } from '../idempotency.js';
import { toTime, toTimeOrNull } from '../wire/values.js';
import { newWebhookBody, rotateBody, webhookChange, webhookParams } from '../wire/webhooks.js';
import { addWebhookDeliveryRoutes } from './webhook-deliveries.js';

const tags = ['webhooks'];
const access = 'account';
const refusals = ['webhook.not_found'] as const;
const OVERLAP_SECONDS = 86_400;

/** Webhooks to the caller's own servers (Standard Webhooks). */
export function addWebhookRoutes(app: ZodApp, deps: ApiDeps): void {
  const { webhooks } = deps;
  if (webhooks === undefined) return;
  addCreate(app, webhooks);
  addReads(app, deps);
  addChanges(app, webhooks);
  addRotate(app, webhooks);
  addWebhookDeliveryRoutes(app, deps, webhooks);
}

function addCreate(app: ZodApp, webhooks: WebhookContext): void {
  app.post(
    '/v1/webhooks',
    {
      config: {
        access,
        refusals: ['webhook.too_many', 'webhook.address_refused', 'webhook.not_found'],
      },
      schema: {
        tags,
        summary: 'Have events sent to a server of yours',
        description:
          'Messages follow Standard Webhooks. Answer 2xx within 15 s; else it is sent again for a day, with the same webhook-id. Messages may arrive twice, and in any order.',
        body: newWebhookBody,
        response: { 200: webhookWithKeyAnswer, 201: webhookWithKeyAnswer },
      },
    },
    async (request, reply) => {
      const { id: account } = accountOf(request);
      const { endpoint, key, replayed } = await createEndpoint(webhooks, {
        ...{ account, ...request.body, ...request.idempotency },
      });
      return reply
        .code(answerStatus(reply, replayed, 201))
        .send({ ...presentWebhook(endpoint), key });
    },
  );
}

function addReads(app: ZodApp, { reads }: ApiDeps): void {
  app.get(
    '/v1/webhooks',
    {
      config: { access },
      schema: { tags, summary: 'List the caller’s webhooks', response: { 200: webhooksAnswer } },
    },
    async (request) => ({
      webhooks: (await listEndpoints(reads, accountOf(request).id)).map(presentWebhook),
    }),
  );
  app.get(
    '/v1/webhooks/:id',
    {
      config: { access, refusals },
      schema: {
        tags,
        summary: 'Read a webhook and how it does',
        params: webhookParams,
        response: { 200: webhookAnswer },
      },
    },
    async (request) =>
      presentWebhook(await readEndpoint(reads, accountOf(request).id, request.params.id)),
  );
}

function addChanges(app: ZodApp, webhooks: WebhookContext): void {
  app.patch(
    '/v1/webhooks/:id',
    {
      config: { access, refusals: [...refusals, 'webhook.address_refused'] },
      schema: {
        tags,
        summary: 'Change, disable or enable a webhook',
        description:
          'What happens while it is disabled is not sent by itself afterwards: replay it.',
        params: webhookParams,
        body: webhookChange,
        response: { 200: webhookAnswer },
      },
    },
    async (request) => {
      const of = { account: accountOf(request).id, id: request.params.id };
      return presentWebhook(await changeEndpoint(webhooks, of, request.body));
    },
  );
  app.delete(
    '/v1/webhooks/:id',
    {
      config: { access, refusals },
      schema: {
        tags,
        summary: 'Delete a webhook and its history',
        params: webhookParams,
        response: { 200: webhooksAnswer },
      },
    },
    async (request) => {
      const { id: account } = accountOf(request);
      await deleteEndpoint(webhooks.pool, account, request.params.id);
      return { webhooks: (await listEndpoints(webhooks.pool, account)).map(presentWebhook) };
    },
  );
}

function addRotate(app: ZodApp, webhooks: WebhookContext): void {
  app.post(
    '/v1/webhooks/:id/rotate',
    {
      config: { access, refusals },
      schema: {
        tags,
        summary: 'Get a new secret; the one of now signs beside it for a while',
        params: webhookParams,
        body: rotateBody,
        response: { 200: webhookWithKeyAnswer },
      },
    },
    async (request, reply) => {
      const { endpoint, key, replayed } = await rotateSecret(webhooks, {
        ...{ account: accountOf(request).id, id: request.params.id },
        overlapSeconds: request.body?.overlapSeconds ?? OVERLAP_SECONDS,
        ...request.idempotency,
      });
      return reply
        .code(answerStatus(reply, replayed, 200))
        .send({ ...presentWebhook(endpoint), key });
    },
  );
}

function presentWebhook(endpoint: Endpoint): z.output<typeof webhookAnswer> {
  return {
    ...endpoint,
    events: [...endpoint.events],
    createdAt: toTime(endpoint.createdAt),
    oldSecretUntil: toTimeOrNull(endpoint.oldSecretUntil),
    failingSince: toTimeOrNull(endpoint.failingSince),
    disabledAt: toTimeOrNull(endpoint.disabledAt),
  };
}
