import type { FaultSwitches } from '../faults.js';
import { orderJson } from '../orders/order-json.js';
import type { StoredOrder } from '../orders/order.js';
import { phpJson } from '../php-json.js';
import { restError } from '../rest-error.js';
import type { StoreSettings } from '../settings.js';
import type { SiteTime } from '../site-time.js';
import type { DeliveryLog } from './delivery-log.js';
import { isSafe, post, type PostOutcome } from './post.js';
import type { Job } from './queue.js';
import { countOutcome, deliveryId, signature, type StoredWebhook, succeeded } from './webhook.js';

export interface DeliveriesOptions {
  readonly settings: StoreSettings;
  readonly faults: FaultSwitches;
  readonly log: DeliveryLog;
  readonly now: () => SiteTime;
  readonly order: (id: bigint) => StoredOrder | undefined;
  readonly webhook: (id: bigint) => StoredWebhook | undefined;
}

/** Sends what the queue hands out, and the pings. */
export class Deliveries {
  constructor(private readonly options: DeliveriesOptions) {}

  /** The body is that of the moment of delivery. A job is sent even if its webhook is no longer active. */
  async deliver(job: Job): Promise<void> {
    const { faults, log, now, webhook: find } = this.options;
    const webhook = find(job.webhookId);
    if (webhook === undefined) return;
    const { topic } = webhook;
    const at = now();
    const id = deliveryId(webhook.id, at.seconds);
    const entry = { ...job, topic, deliveryId: id, at: new Date(at.seconds * 1000) };
    if (faults.loses(topic)) {
      log.add({ ...entry, outcome: 'lost' });
      return;
    }
    const body = this.#payload(webhook, job.orderId);
    const secret = faults.signsWrongly(topic) ? `not ${webhook.secret}` : webhook.secret;
    const copies = faults.doubles(topic) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const outcome = await this.#send(webhook, body, this.#headers(webhook, id, secret, body));
      if (outcome.kind === 'status') {
        log.add({ ...entry, outcome: 'answered', status: outcome.status });
      } else log.add({ ...entry, outcome: 'failed', error: outcome.error });
      countOutcome(webhook, outcome.kind === 'status' && succeeded(outcome.status), now());
      // Saving the webhook sends a ping that is still owed.
      await this.pingIfOwed(webhook);
    }
  }

  /** Unsigned and without the headers of a delivery; only 200 will do. */
  async pingIfOwed(webhook: StoredWebhook): Promise<void> {
    if (webhook.status !== 'active' || !webhook.pendingPing) return;
    const outcome = await this.#send(webhook, `webhook_id=${webhook.id}`, {
      'Content-Type': 'application/x-www-form-urlencoded',
    });
    if (outcome.kind === 'status' && outcome.status === 200) webhook.pendingPing = false;
  }

  #send(
    { deliveryUrl }: StoredWebhook,
    body: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<PostOutcome> {
    const { safeUrlsOnly, deliveryTimeoutMs: timeoutMs } = this.options.settings;
    if (safeUrlsOnly && !isSafe(deliveryUrl)) {
      return Promise.resolve({ kind: 'error', error: 'A valid URL was not provided.' });
    }
    return post({ url: deliveryUrl, headers, body, timeoutMs });
  }

  #headers(
    { id, topic }: StoredWebhook,
    delivery: string,
    secret: string,
    body: string,
  ): Record<string, string> {
    const [resource = '', event = ''] = topic.split('.');
    return {
      'Content-Type': 'application/json',
      'X-WC-Webhook-Source': this.options.settings.homeUrl,
      'X-WC-Webhook-Topic': topic,
      'X-WC-Webhook-Resource': resource,
      'X-WC-Webhook-Event': event,
      'X-WC-Webhook-Signature': signature(secret, body),
      'X-WC-Webhook-ID': String(id),
      'X-WC-Webhook-Delivery-ID': delivery,
    };
  }

  /** Read in the owner's name: without one, or without the order, it is the error that the REST API would give. */
  #payload({ topic, owner }: StoredWebhook, orderId: bigint): string {
    if (topic === 'order.deleted') return phpJson({ id: orderId });
    if (owner !== 'present') {
      return phpJson(restError('cannot_view', owner === 'deleted' ? 401 : 403).body);
    }
    const order = this.options.order(orderId);
    return phpJson(
      order === undefined
        ? restError('invalid_id', 404).body
        : orderJson(order, this.options.settings.homeUrl),
    );
  }
}
