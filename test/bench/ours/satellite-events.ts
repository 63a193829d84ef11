import { get as httpGet } from 'node:http';
import { AckPolicy, type JetStreamClient, type NatsConnection, StorageType } from 'nats';
import type { Pool } from 'pg';
import { z } from 'zod';
import { callbackToken } from '../../../adapters/lightning/charge/peer-hash.js';
import type { Bench } from '../bench.js';
import { oneByOne, p50, p99 } from '../callers.js';
import { startHelperProcess } from '../helper-process.js';
import { post } from '../http.js';
import type { Values } from '../part.js';
import type { FigureSpec } from '../report/figure.js';
import { percentile } from '../report/statistics.js';
import { inTransaction } from '../../../db/transaction.js';
import { readTemplate, withNewIds } from '../floors/template.js';

export const EVENT_FIGURES: readonly FigureSpec[] = [
  {
    id: 'floor.satellite.event',
    title: 'floor: the rows of it in one transaction, then JetStream publish to consume, p50',
    unit: 'ms',
  },
  {
    ...{ id: 'satellite.event', unit: 'ms', floor: 'floor.satellite.event' },
    title: 'callback to `transmitting` seen by a subscriber, p50',
    aim: { of: 'ratio', is: 'at most', bound: 2 },
  },
  { id: 'satellite.event.p95', title: 'the same, p95', unit: 'ms' },
  { id: 'satellite.event.p99', title: 'the same, p99', unit: 'ms' },
];

const SUBJECT = 'bench-satellite.message';
const STREAM = 'BENCH-SATELLITE';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const opened = z.object({ uuid: z.string(), lightning_invoice: z.object({ id: z.string() }) });
const event = z.object({ uuid: z.string(), status: z.string() });

export interface EventBench {
  measure(count: number): Promise<Values>;
  stop(): Promise<void>;
}

/** The whole system with a gateway: a second API on its database, its relays, its stations, and a subscriber. */
export async function prepareEvents(
  { parts: { variables, logs, pool, nats } }: Bench,
  charge: string,
  secret: string,
): Promise<EventBench> {
  const env = {
    ...variables,
    ...{ CHARGE: charge, QUITTANCE_CHARGE_ROOT: charge, QUITTANCE_CHARGE_API_TOKEN: secret },
    ...{ QUITTANCE_SATELLITE_LISTEN: '', EVENTS: '1' },
  };
  const api = await startHelperProcess('ours/satellite-api.js', env, logs);
  const seen = subscribe(api.url);
  await seen.ready;
  const open = (): Promise<string> =>
    post(new URL('/order', api.url), { body: 'bid=2000&message=x', headers: FORM });
  let paid = '';
  const one = async (): Promise<number> => {
    const order = opened.parse(JSON.parse(await open()));
    const { id } = order.lightning_invoice;
    const started = seen.next(order.uuid, 'transmitting');
    const ended = seen.next(order.uuid, 'ended');
    const callback = new URL(`/callback/${id}/${callbackToken(secret, id)}`, api.url);
    const before = performance.now();
    await post(callback, { body: '', headers: {} });
    await started;
    const took = performance.now() - before;
    // The channel is free for the next one.
    await ended;
    paid = order.uuid;
    return took;
  };
  for (let n = 0; n < 10; n += 1) await one();
  const floor = await prepareFloor(pool, nats, paid);
  return {
    measure: async (count) => {
      const times: number[] = [];
      const floors: number[] = [];
      for (let n = 0; n < count; n += 1) {
        floors.push(...(await oneByOne(1, floor.one)));
        times.push(await one());
      }
      return {
        'floor.satellite.event': p50(floors),
        'satellite.event': p50(times),
        'satellite.event.p95': percentile(times, 95),
        'satellite.event.p99': p99(times),
      };
    },
    stop: async () => {
      seen.close();
      await Promise.all([floor.stop(), api.stop()]);
    },
  };
}

interface Subscriber {
  readonly ready: Promise<void>;
  next(uuid: string, what: 'transmitting' | 'ended'): Promise<void>;
  close(): void;
}

function subscribe(base: string): Subscriber {
  const waiting = new Map<string, () => void>();
  let rest = '';
  const read = (chunk: string): void => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines.filter((one) => one.startsWith('data:'))) {
      const { uuid, status } = event.parse(JSON.parse(line.slice('data:'.length)));
      // It ends as sent, or as received where its receivers were faster.
      const what = status === 'transmitting' ? status : 'ended';
      waiting.get(`${uuid} ${what}`)?.();
    }
  };
  let close = (): void => undefined;
  const ready = new Promise<void>((resolve, reject) => {
    const request = httpGet(new URL('/subscribe/transmissions', base), (response) => {
      response.setEncoding('utf8').on('data', read);
      response.on('error', () => undefined);
      close = () => void response.destroy();
      resolve();
    });
    request.once('error', reject);
  });
  return {
    ready,
    next: (uuid, what) => new Promise((resolve) => waiting.set(`${uuid} ${what}`, () => resolve())),
    close: () => close(),
  };
}

/** What no such system can do without: the rows of the payment and the start of that order are committed, published, and consumed. */
async function prepareFloor(
  pool: Pool,
  nats: NatsConnection,
  orderId: string,
): Promise<{ one: () => Promise<void>; stop: () => Promise<void> }> {
  const manager = await nats.jetstreamManager();
  await manager.streams.add({
    ...{ name: STREAM, subjects: ['bench-satellite.>'], storage: StorageType.File },
  });
  await manager.consumers.add(STREAM, { durable_name: 'bench', ack_policy: AckPolicy.Explicit });
  const template = await readTemplate(pool, 'orderPaid', orderId);
  const js: JetStreamClient = nats.jetstream();
  const messages = await (await js.consumers.get(STREAM, 'bench')).consume({ max_messages: 32 });
  let arrived: () => void = () => undefined;
  const reading = (async () => {
    for await (const message of messages) {
      message.ack();
      arrived();
    }
  })();
  return {
    one: async () => {
      const consumed = new Promise<void>((resolve) => (arrived = resolve));
      await inTransaction(pool, async (tx) => {
        for (const { sql, values } of withNewIds(template, orderId)) {
          await tx.query(sql, [...values]);
        }
      });
      await Promise.all([js.publish(SUBJECT, 'a message'), consumed]);
    },
    stop: async () => {
      await messages.close();
      await reading;
      await manager.streams.delete(STREAM);
    },
  };
}
