import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createPool } from '../../../db/pool.js';
import { migrate } from '../../../db/migrate.js';
import { packageRoot } from '../../../db/package-root.js';
import { p99 } from '../callers.js';
import { startHelperProcess } from '../helper-process.js';
import { post } from '../http.js';
import type { Part, Values } from '../part.js';
import { reconciledPerSecond } from './intake-reconcile.js';
import type { FigureSpec } from '../report/figure.js';
import { callAtOnce } from './call-at-once.js';

const STORE = 'bench';
const SECRET = 'secretOfTheBenchmark';
const CALLERS = [1, 16, 64] as const;
const WARM_UP = 200;
/** Ours and the floor alternate, so that other load affects both. */
const TURNS = 5;

/** Deliveries of a store taken in, compared with the same one transaction behind bare Fastify. */
export const intake: Part = {
  name: 'intake',
  figures: [
    {
      id: 'reconcile',
      title: 'take in orders by a reconcile, of a store that answers at once',
      unit: 'per second',
    },
    ...CALLERS.flatMap((callers): FigureSpec[] => [
      {
        id: `floor.delivery.${callers}`,
        title: `floor: store a delivery, ${callers} callers`,
        unit: 'per second',
      },
      {
        id: `delivery.${callers}`,
        title: `acknowledge a delivery, ${callers} callers`,
        unit: 'per second',
        floor: `floor.delivery.${callers}`,
        aim: { of: 'ratio', is: 'at least', bound: 0.6 },
      },
      {
        id: `floor.delivery.${callers}.p99`,
        title: `floor: store a delivery, ${callers} callers, p99`,
        unit: 'ms',
      },
      {
        id: `delivery.${callers}.p99`,
        title: `acknowledge a delivery, ${callers} callers, p99`,
        unit: 'ms',
        ...(callers === 16 ? { aim: { of: 'value', is: 'at most', bound: 50 } as const } : {}),
      },
    ]),
  ],
  async prepare(bench) {
    const { pool: admin, servers, variables, logs } = bench.parts;
    await admin.query('create database bench_intake');
    const url = new URL(servers.databaseUrl);
    url.pathname = '/bench_intake';
    await migrate({ connectionString: url.href });
    const env = { ...variables, DATABASE_URL: url.href, STORE, STORE_SECRET: SECRET };
    const api = await startHelperProcess('ours/intake-api.js', env, logs);
    const floor = await startHelperProcess('floors/delivery-server.js', env, logs);
    const deliver = await deliveries(api.url, floor.url);
    const pass = async (count: number): Promise<Values> => {
      const values: Record<string, number> = {};
      for (const callers of CALLERS) Object.assign(values, await measure(callers, count, deliver));
      return values;
    };
    await pass(WARM_UP);
    const pool = createPool({
      connectionString: url.href,
      ...{ max: 4, applicationName: 'bench', onError: () => undefined },
    });
    let rounds = 0;
    return {
      round: async () => {
        const sample = join(packageRoot(), 'test', 'vectors', 'woocommerce', SAMPLE);
        const perSecond = await reconciledPerSecond(pool, sample, (rounds += 1));
        return { ...(await pass(bench.options.sizes.burst)), reconcile: perSecond };
      },
      stop: async () => {
        await pool.end();
        await floor.stop();
        await api.stop();
      },
    };
  },
};

type Deliver = Readonly<Record<'ours' | 'floor', () => Promise<unknown>>>;

async function measure(callers: number, count: number, deliver: Deliver): Promise<Values> {
  const piece = Math.ceil(count / TURNS);
  const seconds = { ours: 0, floor: 0 };
  const times: number[] = [];
  const floorTimes: number[] = [];
  for (let turn = 0; turn < TURNS; turn += 1) {
    const floor = await callAtOnce(callers, piece, deliver.floor);
    seconds.floor += floor.seconds;
    floorTimes.push(...floor.times);
    const ours = await callAtOnce(callers, piece, deliver.ours);
    seconds.ours += ours.seconds;
    times.push(...ours.times);
  }
  return {
    [`floor.delivery.${callers}`]: (piece * TURNS) / seconds.floor,
    [`delivery.${callers}`]: (piece * TURNS) / seconds.ours,
    [`floor.delivery.${callers}.p99`]: p99(floorTimes),
    [`delivery.${callers}.p99`]: p99(times),
  };
}

/** Each with a body and a signature of its own: none is a duplicate. */
async function deliveries(api: string, floor: string): Promise<Deliver> {
  const file = join(packageRoot(), 'test', 'vectors', 'woocommerce', SAMPLE);
  const sample = JSON.stringify(JSON.parse(await readFile(file, 'utf8')));
  let sent = 0;
  const to = (url: URL) => (): Promise<unknown> => {
    sent += 1;
    const body = sample.replace(/"id":\d+/, `"id":${sent}`);
    const signature = createHmac('sha256', SECRET).update(body).digest('base64');
    return post(url, {
      body,
      headers: {
        'content-type': 'application/json',
        'x-wc-webhook-topic': 'order.updated',
        'x-wc-webhook-id': '1',
        'x-wc-webhook-signature': signature,
      },
    });
  };
  return {
    ours: to(new URL(`/v1/stores/${STORE}/webhooks`, api)),
    floor: to(new URL('/', floor)),
  };
}

const SAMPLE = '08-order-processing-stripe-coupon-tax-963.json';
