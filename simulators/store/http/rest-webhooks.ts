import { z } from 'zod';
import { missingParameter, type RestAnswer, restError } from '../rest-error.js';
import type { SimulatedStore } from '../simulated-store.js';
import { HOOKS, type StoredWebhook, webhookJson } from '../webhooks/webhook.js';
import type { WebhookFields } from '../webhooks/webhook-list.js';
import { pageOf } from './paging.js';
import type { RestRequest } from './rest-request.js';

const fieldsSchema = z
  .object({
    name: z.string().exactOptional(),
    status: z.enum(['active', 'paused', 'disabled']).exactOptional(),
    topic: z.string().exactOptional(),
    delivery_url: z.string().exactOptional(),
    secret: z.string().exactOptional(),
  })
  .catch({});

/** Everything behind `/webhooks`. */
export async function restWebhooks(
  store: SimulatedStore,
  request: RestRequest,
): Promise<RestAnswer> {
  const { method, path, query } = request;
  const { settings, webhooks } = store;
  if (path === '/webhooks') {
    if (method === 'POST') return create(store, request.body);
    const status = query.get('status') ?? 'all';
    const found = webhooks.all().filter((one) => status === 'all' || one.status === status);
    return pageOf(found, query, `${settings.homeUrl}wp-json/wc/v3/webhooks`, (webhook) =>
      webhookJson(webhook, settings.homeUrl),
    );
  }
  const [, id] = /^\/webhooks\/(\d{1,19})$/.exec(path) ?? [];
  if (id === undefined) return restError('no_route', 404);
  const webhook = webhooks.get(BigInt(id));
  if (webhook === undefined) return restError('invalid_webhook', 404);
  if (method === 'PUT' || method === 'POST') return update(store, webhook, request.body);
  if (method === 'DELETE') {
    if (query.get('force') !== 'true') return restError('no_trash', 501);
    webhooks.remove(webhook);
  }
  return { status: 200, body: webhookJson(webhook, settings.homeUrl) };
}

async function create(store: SimulatedStore, body: unknown): Promise<RestAnswer> {
  const given = fieldsOf(body);
  const { topic, deliveryUrl } = given;
  if (topic === undefined) return missingParameter('topic');
  if (deliveryUrl === undefined) return missingParameter('delivery_url');
  const wrong = problemOf(given);
  if (wrong !== undefined) return wrong;
  const webhook = store.webhooks.create({ ...given, topic, deliveryUrl });
  await store.deliveries.pingIfOwed(webhook);
  return { status: 201, body: webhookJson(webhook, store.settings.homeUrl) };
}

async function update(
  store: SimulatedStore,
  webhook: StoredWebhook,
  body: unknown,
): Promise<RestAnswer> {
  const given = fieldsOf(body);
  const wrong = problemOf(given);
  if (wrong !== undefined) return wrong;
  store.webhooks.change(webhook, given);
  await store.deliveries.pingIfOwed(webhook);
  return { status: 200, body: webhookJson(webhook, store.settings.homeUrl) };
}

function fieldsOf(body: unknown): WebhookFields {
  const { delivery_url: deliveryUrl, ...rest } = fieldsSchema.parse(body);
  return { ...rest, ...(deliveryUrl === undefined ? {} : { deliveryUrl }) };
}

function problemOf({ topic, deliveryUrl }: WebhookFields): RestAnswer | undefined {
  if (topic !== undefined && !(topic in HOOKS)) return restError('invalid_topic', 400);
  if (deliveryUrl === undefined) return undefined;
  return URL.canParse(deliveryUrl) && /^https?:/.test(deliveryUrl)
    ? undefined
    : restError('invalid_url', 400);
}
