import { randomBytes } from 'node:crypto';
import type { SiteTime } from '../site-time.js';
import type { StoredWebhook, WebhookStatus } from './webhook.js';

export interface WebhookFields {
  readonly name?: string;
  readonly status?: WebhookStatus;
  readonly topic?: string;
  readonly deliveryUrl?: string;
  readonly secret?: string;
}

/** The webhooks of a store. Their ids are of a table of their own. */
export class WebhookList {
  readonly #webhooks = new Map<bigint, StoredWebhook>();
  #nextId = 1n;

  constructor(private readonly now: () => SiteTime) {}

  get(id: bigint): StoredWebhook | undefined {
    return this.#webhooks.get(id);
  }

  all(): StoredWebhook[] {
    return [...this.#webhooks.values()];
  }

  create(
    fields: WebhookFields & { readonly topic: string; readonly deliveryUrl: string },
  ): StoredWebhook {
    const now = this.now();
    const webhook: StoredWebhook = {
      name: `Webhook created on ${now.local}`,
      status: 'active',
      secret: randomBytes(25).toString('hex'),
      ...fields,
      id: this.#nextId++,
      owner: 'present',
      failures: 0,
      pendingPing: true,
      createdAt: now,
      modifiedAt: now,
    };
    this.#webhooks.set(webhook.id, webhook);
    return webhook;
  }

  /** A new address owes a ping. Making a webhook active forgets its failures. */
  change(webhook: StoredWebhook, fields: WebhookFields): void {
    const moved = fields.deliveryUrl !== undefined && fields.deliveryUrl !== webhook.deliveryUrl;
    if (fields.status === 'active' && webhook.status !== 'active') webhook.failures = 0;
    Object.assign(webhook, fields, { modifiedAt: this.now() });
    if (moved) webhook.pendingPing = true;
  }

  remove(webhook: StoredWebhook): void {
    this.#webhooks.delete(webhook.id);
  }
}
