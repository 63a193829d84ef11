import { createHmac } from 'node:crypto';
import type { SiteTime } from '../site-time.js';

export type WebhookStatus = 'active' | 'paused' | 'disabled';
/** The WordPress user in whose name a webhook reads the orders. */
export type WebhookOwner = 'present' | 'deleted' | 'without_rights';

export interface StoredWebhook {
  readonly id: bigint;
  name: string;
  status: WebhookStatus;
  topic: string;
  deliveryUrl: string;
  secret: string;
  owner: WebhookOwner;
  /** Deliveries that failed in a row. Not shown by the REST API. */
  failures: number;
  /** A ping is owed: none has been answered with 200 since the address was set. */
  pendingPing: boolean;
  readonly createdAt: SiteTime;
  modifiedAt: SiteTime;
}

/** Failures beyond which the next one disables a webhook: the seventh in a row. */
const MAX_FAILURES = 5;

/** Counts the outcome of a delivery, which also saves the webhook. */
export function countOutcome(webhook: StoredWebhook, succeeded: boolean, now: SiteTime): void {
  webhook.modifiedAt = now;
  if (succeeded) webhook.failures = 0;
  else if (webhook.failures > MAX_FAILURES) webhook.status = 'disabled';
  else webhook.failures += 1;
}

/** Redirects are not followed and count as delivered up to 302. */
export function succeeded(status: number): boolean {
  return status >= 200 && status < 303;
}

export function signature(secret: string, body: string): string {
  return createHmac('sha256', decodeEntities(secret)).update(body).digest('base64');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#039;': "'",
};

/** The secret is saved as HTML and decoded before use. */
function decodeEntities(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#039);/g, (entity) => ENTITIES[entity] ?? entity);
}

/** A hash of the webhook and the second: two deliveries in one second share it. */
export function deliveryId(webhookId: bigint, second: number): string {
  return createHmac('md5', 'salt of the site').update(`${webhookId}${second}`).digest('hex');
}

export function webhookJson(webhook: StoredWebhook, homeUrl: string): Record<string, unknown> {
  const { id, name, status, topic, deliveryUrl, createdAt, modifiedAt } = webhook;
  const [resource = '', event = ''] = topic.split('.');
  const api = `${homeUrl}wp-json/wc/v3/webhooks`;
  return {
    id,
    name,
    status,
    topic,
    resource,
    event,
    hooks: HOOKS[topic] ?? [],
    delivery_url: deliveryUrl,
    date_created: createdAt.local,
    date_created_gmt: createdAt.gmt,
    date_modified: modifiedAt.local,
    date_modified_gmt: modifiedAt.gmt,
    _links: { self: [{ href: `${api}/${id}` }], collection: [{ href: api }] },
  };
}

export const HOOKS: Readonly<Record<string, readonly string[]>> = {
  'order.created': ['woocommerce_new_order'],
  'order.updated': [
    'woocommerce_update_order',
    'woocommerce_order_refunded',
    'woocommerce_delete_order_refund',
  ],
  'order.deleted': ['wp_trash_post', 'woocommerce_trash_order'],
  'order.restored': ['woocommerce_untrash_order'],
};
