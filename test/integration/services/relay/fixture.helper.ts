import type { NatsConnection } from 'nats';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { createPool } from '../../../../db/pool.js';
import { STREAMS } from '../../../../domain/names/subjects.js';
import { RelayMetrics } from '../../../../services/relay/metrics.js';
import type { Destination } from '../../../../services/relay/outbox/destination.js';
import { OutboxLoop } from '../../../../services/relay/outbox/loop.js';
import { connectNats } from '../../../../services/shared/nats.js';
import { ensureStreams } from '../../../../services/shared/streams.js';
import { migratedDatabase } from '../../../support/empty-database.js';

export const logger = pino({ level: process.env['TEST_LOG'] ?? 'silent' });

export interface Database {
  readonly url: string;
  readonly pool: Pool;
  close(): Promise<void>;
}

export function testPool(connectionString: string, applicationName: string, max = 10): Pool {
  return createPool({ connectionString, max, applicationName, onError: () => undefined });
}

/** A database of its own, migrated. */
export async function relayDatabase(): Promise<Database> {
  const { url, drop } = await migratedDatabase();
  const pool = testPool(url, 'quittance-test', 20);
  return {
    url,
    pool,
    close: async () => {
      await pool.end();
      await drop();
    },
  };
}

export interface Servers {
  readonly nc: NatsConnection;
  readonly database: Database;
}

/** A connection to NATS and a database for the tests of a file; each test begins with empty streams. */
export function useServers(): Servers {
  let nc: NatsConnection;
  let database: Database;
  beforeAll(async () => {
    nc = await natsForTest();
    database = await relayDatabase();
  });
  beforeEach(() => freshStreams(nc));
  afterAll(async () => {
    await database.close();
    await nc.close();
  });
  return {
    get nc() {
      return nc;
    },
    get database() {
      return database;
    },
  };
}

export interface TestLoop {
  readonly loop: OutboxLoop;
  readonly registry: Registry;
  stop(): Promise<void>;
}

interface LoopOptions {
  /** Application name of its connections. */
  readonly name?: string;
  readonly pollMs?: number;
  readonly messagesWait?: () => boolean;
}

/** What a relay runs for one destination, with a pool of its own. */
export function startLoop(
  { url }: Pick<Database, 'url'>,
  destination: Destination,
  { name = 'relay', pollMs = 50, ...load }: LoopOptions = {},
): TestLoop {
  const pool = testPool(url, name);
  const registry = new Registry();
  const metrics = new RelayMetrics(registry);
  const loop = new OutboxLoop(destination, { pool, logger, metrics, pollMs, ...load });
  loop.start();
  return {
    loop,
    registry,
    stop: async () => {
      await loop.stop();
      await pool.end();
    },
  };
}

export async function natsForTest(url = process.env['NATS_URL'] ?? ''): Promise<NatsConnection> {
  return connectNats({ natsUrl: url }, logger, 'test', { waitForServer: false });
}

/** Deletes and creates our streams: tests share the server, one after the other. */
export async function freshStreams(nc: NatsConnection): Promise<void> {
  await removeStreams(nc);
  await ensureStreams(nc);
}

export async function removeStreams(nc: NatsConnection): Promise<void> {
  const manager = await nc.jetstreamManager();
  for (const name of await manager.streams.names().next()) {
    if (name in STREAMS) await manager.streams.delete(name);
  }
}

export interface NewRow {
  readonly destination?: 'nats' | 'temporal';
  readonly kind?: 'event' | 'start' | 'wake';
  readonly key: string;
  readonly subject: string;
  readonly payload?: object;
}

export async function insertRow(pool: Pool, row: NewRow): Promise<bigint> {
  const { destination = 'nats', kind = 'event', key, subject, payload = {} } = row;
  const { rows } = await pool.query<{ id: bigint }>(
    `insert into outbox (destination, kind, ordering_key, subject, payload)
     values ($1, $2, $3, $4, $5) returning id`,
    [destination, kind, key, subject, payload],
  );
  const id = rows[0]?.id;
  if (id === undefined) throw new Error('nothing was inserted');
  return id;
}

export async function unpublished(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    'select count(*)::integer as n from outbox where published_at is null',
  );
  return rows[0]?.n ?? 0;
}

/** As when a relay's host loses its network: its transactions in PostgreSQL are rolled back. */
export async function terminate(pool: Pool, applicationName: string): Promise<number> {
  const { rowCount } = await pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = $1 and datname = current_database()`,
    [applicationName],
  );
  return rowCount ?? 0;
}

export async function counter(
  registry: Registry,
  name: string,
  labels: Record<string, string>,
): Promise<number> {
  const metric = await registry.getSingleMetric(name)?.get();
  const expected = Object.entries(labels);
  const value = metric?.values.find((v) => expected.every(([key, is]) => v.labels[key] === is));
  return value?.value ?? 0;
}
