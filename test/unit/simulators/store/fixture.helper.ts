import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { StoreControl, type TrueWebhook } from '../../../../simulators/store/control-client.js';
import type { resetSchema } from '../../../../simulators/store/control-protocol.js';
import { type RunningSimulator, startStore } from '../../../../simulators/store/start-store.js';
import {
  type Received,
  startReceiver,
  type WebhookReceiver,
} from '../../../support/webhook-receiver.js';

export const SECRET = 'secretOfTheWebhook';
export const TOPICS = ['order.created', 'order.updated', 'order.deleted', 'order.restored'];

export interface StoreFixture {
  readonly url: string;
  readonly control: StoreControl;
  readonly receiver: WebhookReceiver;
  /** A new store, its clock standing still, jobs without a wait, and webhooks of the topics to the receiver. */
  begin(
    settings?: z.input<typeof resetSchema>,
    topics?: readonly string[],
  ): Promise<readonly TrueWebhook[]>;
  /** Topic and body of the deliveries received so far, pings left out; forgets them. */
  taken(): { readonly topic: string; readonly body: Record<string, unknown> }[];
  /** Topics and statuses of them, as in `created processing`. */
  told(): string[];
}

/** One store and one receiver for all tests of a file. */
export function storeFixture(): StoreFixture {
  let simulator: RunningSimulator;
  let receiver: WebhookReceiver;
  beforeAll(async () => {
    simulator = await startStore({ host: '127.0.0.1', port: 0 });
    receiver = await startReceiver();
  });
  beforeEach(() => receiver.reset());
  afterAll(async () => {
    await simulator.stop();
    await receiver.stop();
  });
  const fixture: StoreFixture = {
    get url() {
      return simulator.url;
    },
    get control() {
      return new StoreControl(simulator.url);
    },
    get receiver() {
      return receiver;
    },
    begin: async (settings = {}, topics = TOPICS) => {
      await fixture.control.reset({
        queueSeconds: { min: 1, max: 1 },
        at: '2026-03-02T09:00:00Z',
        ...settings,
      });
      const webhooks: TrueWebhook[] = [];
      for (const topic of topics) {
        const deliveryUrl = `${receiver.url}/${topic}`;
        webhooks.push(await fixture.control.createWebhook({ topic, deliveryUrl, secret: SECRET }));
      }
      receiver.received.length = 0;
      return webhooks;
    },
    taken: () => receiver.received.splice(0).filter(isDelivery).map(read),
    told: () =>
      fixture.taken().map(({ topic, body }) => {
        const status = typeof body['status'] === 'string' ? ` ${body['status']}` : '';
        return `${topic.replace('order.', '')}${status}`;
      }),
  };
  return fixture;
}

export function isDelivery({ headers }: Received): boolean {
  return headers['x-wc-webhook-topic'] !== undefined;
}

function read({ headers, body }: Received): {
  readonly topic: string;
  readonly body: Record<string, unknown>;
} {
  const topic = z.string().parse(headers['x-wc-webhook-topic']);
  return { topic, body: z.record(z.string(), z.unknown()).parse(JSON.parse(body)) };
}

export function hmac(secret: string, body: string): string {
  return createHmac('sha256', secret).update(body).digest('base64');
}

/** The first of a list that must have one. */
export function first<T>(list: readonly T[]): T {
  const [member] = list;
  expect(member).toBeDefined();
  if (member === undefined) throw new Error('the list is empty');
  return member;
}
