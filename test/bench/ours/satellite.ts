import type { Pool } from 'pg';
import { z } from 'zod';
import { migrate } from '../../../db/migrate.js';
import { callbackToken } from '../../../adapters/lightning/charge/peer-hash.js';
import { createPool } from '../../../db/pool.js';
import { oneByOne, p50, p99 } from '../callers.js';
import { startHelperProcess } from '../helper-process.js';
import { post } from '../http.js';
import type { Part, Values } from '../part.js';
import type { FigureSpec } from '../report/figure.js';
import { callAtOnce } from './call-at-once.js';
import { EVENT_FIGURES, prepareEvents } from './satellite-events.js';
import { fillEnded, readQueues } from './satellite-queues.js';

const CALLERS = [1, 4, 16, 32] as const;
const TURNS = 5;
const LARGE = 1024 * 1024;
/** Orders of 1 MB are fewer by this factor. */
const FEWER = 40;
const ENDED = [100, 1_000_000] as const;

/** The Satellite API with a gateway: openings beside a floor with the same rows and calls, callbacks, confirmations, queues. */
export const satellite: Part = {
  name: 'satellite',
  figures: [
    ...CALLERS.flatMap((callers): FigureSpec[] => [
      {
        id: `floor.satellite.${callers}`,
        title: `floor: the same rows and gateway calls, ${callers} callers`,
        unit: 'per second',
      },
      {
        id: `satellite.${callers}`,
        title: `POST /order, 100 bytes, ${callers} callers`,
        unit: 'per second',
        floor: `floor.satellite.${callers}`,
        aim: { of: 'ratio', is: 'at least', bound: 0.6 },
      },
    ]),
    ...CALLERS.flatMap((callers): FigureSpec[] => [
      {
        id: `floor.satellite.large.${callers}`,
        title: `floor: the same with 1 MB, ${callers} callers`,
        unit: 'per second',
      },
      {
        id: `satellite.large.${callers}`,
        title: `POST /order, 1 MB, ${callers} callers`,
        unit: 'per second',
        floor: `floor.satellite.large.${callers}`,
      },
    ]),
    ...EVENT_FIGURES,
    { id: 'satellite.callback', title: 'callback answered, p50', unit: 'ms' },
    { id: 'satellite.callback.p99', title: 'callback answered, p99', unit: 'ms' },
    { id: 'satellite.confirmed', title: 'confirmation of six regions answered, p50', unit: 'ms' },
    ...ENDED.map((ended): FigureSpec => ({
      id: `satellite.queues.${ended}`,
      title: `read a queue with ${ended} finished orders, p50`,
      unit: 'ms',
    })),
  ],
  async prepare(bench) {
    const { pool: admin, servers, variables, logs } = bench.parts;
    await admin.query('create database bench_satellite');
    const url = new URL(servers.databaseUrl);
    url.pathname = '/bench_satellite';
    await migrate({ connectionString: url.href });
    const pool = createPool({
      connectionString: url.href,
      max: 2,
      applicationName: 'quittance-bench',
      onError: () => undefined,
    });
    const charge = await startHelperProcess('floors/charge-server.js', variables, logs);
    const env = {
      ...variables,
      ...{ DATABASE_URL: url.href, CHARGE: charge.url, QUITTANCE_CHARGE_ROOT: charge.url },
      ...{ QUITTANCE_CHARGE_API_TOKEN: SECRET, QUITTANCE_SATELLITE_LISTEN: '' },
    };
    const api = await startHelperProcess('ours/satellite-api.js', env, logs);
    const events = await prepareEvents(bench, charge.url, SECRET);
    const { uuid } = opened.parse(JSON.parse(await openAt(api.url, 100)()));
    const floorEnv = { ...env, ORDER_ID: uuid };
    const floor = await startHelperProcess('floors/order-server.js', floorEnv, logs);
    const addresses = { api: api.url, floor: floor.url };
    await openings(addresses, 100);
    return {
      round: async () => ({
        ...(await openings(addresses, bench.options.sizes.burst)),
        ...(await payments(addresses.api, bench.options.sizes.quiet)),
        ...(await events.measure(bench.options.sizes.quiet)),
        ...(await queues(addresses.api, pool)),
      }),
      stop: async () => {
        await Promise.all([floor.stop(), api.stop(), pool.end(), events.stop()]);
        await charge.stop();
      },
    };
  },
};

const SECRET = 'mySecretToken';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

interface Addresses {
  readonly api: string;
  readonly floor: string;
}

const opened = z.object({ uuid: z.string(), lightning_invoice: z.object({ id: z.string() }) });

function openAt(base: string, size: number): () => Promise<string> {
  const url = new URL('/order', base);
  if (size <= 1024) {
    const body = `bid=${size * 10 + 1000}&message=${'x'.repeat(size)}`;
    return () => post(url, { body, headers: FORM });
  }
  const frame = (name: string): string =>
    `--b\r\nContent-Disposition: form-data; name=${name}\r\n\r\n`;
  const body = `${frame('"file"; filename="file"')}${'x'.repeat(size)}\r\n${frame('"bid"')}2000000\r\n--b--\r\n`;
  return () => post(url, { body, headers: { 'content-type': 'multipart/form-data; boundary=b' } });
}

/** Ours and the floor alternate, so that other load affects both. */
async function openings({ api, floor }: Addresses, count: number): Promise<Values> {
  const values: Record<string, number> = {};
  const measure = async (
    name: string,
    callers: number,
    size: number,
    of: number,
  ): Promise<void> => {
    const piece = Math.ceil(of / TURNS);
    const seconds = { ours: 0, floor: 0 };
    for (let turn = 0; turn < TURNS; turn += 1) {
      seconds.floor += (await callAtOnce(callers, piece, openAt(floor, size))).seconds;
      seconds.ours += (await callAtOnce(callers, piece, openAt(api, size))).seconds;
    }
    values[`floor.satellite.${name}`] = (piece * TURNS) / seconds.floor;
    values[`satellite.${name}`] = (piece * TURNS) / seconds.ours;
  };
  for (const callers of CALLERS) await measure(String(callers), callers, 100, count);
  for (const callers of CALLERS) {
    await measure(`large.${callers}`, callers, LARGE, Math.ceil(count / FEWER));
  }
  return values;
}

/** One after the other; each transmission is confirmed at once, so that the next one starts. */
async function payments(api: string, count: number): Promise<Values> {
  const open = openAt(api, 100);
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) {
    ids.push(opened.parse(JSON.parse(await open())).lightning_invoice.id);
  }
  let number = 0;
  const confirmed: number[] = [];
  const answered: number[] = [];
  for (const id of ids) {
    const callback = new URL(`/callback/${id}/${callbackToken(SECRET, id)}`, api);
    answered.push(...(await oneByOne(1, () => post(callback, { body: '', headers: {} }))));
    number += 1;
    const url = new URL(`/order/tx/${number + numberBefore}`, api);
    const body = 'regions=[0,1,2,3,4,5]';
    confirmed.push(...(await oneByOne(1, () => post(url, { body, headers: FORM }))));
  }
  numberBefore += number;
  return {
    'satellite.callback': p50(answered),
    'satellite.callback.p99': p99(answered),
    'satellite.confirmed': p50(confirmed),
  };
}

/** Sequence numbers of earlier rounds. */
let numberBefore = 0;

async function queues(api: string, pool: Pool): Promise<Values> {
  const values: Record<string, number> = {};
  for (const ended of ENDED) {
    await fillEnded(pool, ended);
    values[`satellite.queues.${ended}`] = p50(await readQueues(api));
  }
  return values;
}
