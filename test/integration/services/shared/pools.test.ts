import type { Pool } from 'pg';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadConfig } from '../../../../services/shared/config.js';
import { openPools, someAnswers } from '../../../../services/shared/pool.js';

let metrics: Registry;
let stops: (() => Promise<unknown>)[] = [];
let pools: { readonly payments: Pool; readonly reads: Pool };

beforeEach(() => {
  metrics = new Registry();
  const config = loadConfig({
    DATABASE_URL: process.env['DATABASE_URL'],
    NATS_URL: 'nats://127.0.0.1:1',
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    QUITTANCE_DB_POOL_SIZE: '2',
    QUITTANCE_DB_READS_POOL_SIZE: '1',
  });
  const onStop = (_what: string, stop: () => Promise<unknown>): void => void stops.push(stop);
  const logger = pino({ level: 'silent' }).child({ service: 'some' });
  pools = openPools({ config, logger, metrics, onStop }, ['payments', 'reads']);
});

afterEach(async () => {
  await Promise.all(stops.map((stop) => stop()));
  stops = [];
});

it('are separate, named, of their own size, and shown by connections in use, idle and waiting', async () => {
  const { payments, reads } = pools;
  const held = await Promise.all([payments.connect(), payments.connect()]);
  const waiting = payments.query('select 1');
  const { rows } = await reads.query<{ name: string }>(
    `select current_setting('application_name') as name`,
  );
  expect(rows).toEqual([{ name: 'quittance-some-reads' }]);
  const text = await metrics.metrics();
  for (const line of [
    'quittance_db_connections_in_use{pool="payments"} 2',
    'quittance_db_connections_idle{pool="payments"} 0',
    'quittance_db_waiting{pool="payments"} 1',
    'quittance_db_connections_in_use{pool="reads"} 0',
    'quittance_db_connections_idle{pool="reads"} 1',
    'quittance_db_waiting{pool="reads"} 0',
  ]) {
    expect(text).toContain(line);
  }
  for (const client of held) client.release();
  await waiting;
});

it('count as there while one of them answers', async () => {
  const { payments, reads } = pools;
  const held = await Promise.all([payments.connect(), payments.connect()]);
  await someAnswers(pools);
  held.push(await reads.connect());
  await expect(someAnswers(pools)).rejects.toThrow('timeout exceeded when trying to connect');
  for (const client of held) client.release();
  await someAnswers(pools);
});
