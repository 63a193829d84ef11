import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { AckPolicy, connect, type JetStreamManager, type NatsConnection } from 'nats';
import type pg from 'pg';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPool } from '../../../../db/pool.js';
import { inTransaction } from '../../../../db/transaction.js';
import { createLogger } from '../../../../services/shared/logger.js';
import { registerOutboxMetrics } from '../../../../services/shared/metrics-outbox.js';
import { registerStreamMetrics } from '../../../../services/shared/metrics-streams.js';
import { ensureStreams } from '../../../../services/shared/streams.js';
import { startTcpProxy } from '../../../support/tcp-proxy.js';
import { waitUntil } from '../../../support/wait-until.js';
import { migratedDatabase } from '../../../support/empty-database.js';

const logger = createLogger({ logLevel: 'silent' }, 'test');

/** A scrape waits for some seconds, less than the timeouts of servers. */
const IN_TIME_MS = 2_000;

/** The samples of a scrape that is answered in time: `name{labels}` to value. */
async function scrape(registry: Registry): Promise<Map<string, number>> {
  const startedAt = performance.now();
  const text = await registry.metrics();
  expect(performance.now() - startedAt).toBeLessThan(IN_TIME_MS);
  const lines = text.split('\n').filter((line) => /^[a-z]/.test(line));
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(' ');
      return [line.slice(0, end), Number(line.slice(end + 1))];
    }),
  );
}

/** Once the servers have answered within a scrape, as they nearly always do. */
function scrapeFresh(registry: Registry, what: 'outbox' | 'streams'): Promise<Map<string, number>> {
  return waitUntil(`the ${what} are read`, async () => {
    const samples = await scrape(registry);
    return samples.get(`quittance_${what}_readable`) === 1 && samples;
  });
}

describe('the outbox', () => {
  let pool: pg.Pool;
  let drop: () => Promise<void>;
  let registry: Registry;

  beforeAll(async () => {
    const database = await migratedDatabase();
    drop = database.drop;
    pool = createPool({
      connectionString: database.url,
      max: 2,
      applicationName: 'test',
      onError: () => undefined,
    });
  });

  afterAll(async () => {
    await pool.end();
    await drop();
  });

  beforeEach(async () => {
    await pool.query('delete from outbox');
    registry = new Registry();
    registerOutboxMetrics(registry, logger, pool);
  });

  const add = (
    destination: 'nats' | 'temporal',
    kind: 'event' | 'start' | 'wake',
    age: { seconds: number; published?: boolean; attempts?: number },
  ): Promise<unknown> =>
    pool.query(
      `insert into outbox (destination, kind, ordering_key, subject, payload, created_at, due_since,
                           attempts, published_at)
       values ($1, $2, 'k', 's', '{}', clock_timestamp() - make_interval(secs => $3),
               clock_timestamp() - make_interval(secs => $3), $4, $5)`,
      [
        destination,
        kind,
        age.seconds,
        age.attempts ?? 0,
        age.published === true ? new Date() : null,
      ],
    );

  test('that is empty has no lag', async () => {
    await add('nats', 'event', { seconds: 500, published: true });
    const samples = await scrapeFresh(registry, 'outbox');
    expect(samples.get('quittance_outbox_lag_seconds{destination="nats"}')).toBe(0);
    expect(samples.get('quittance_outbox_backlog{destination="temporal"}')).toBe(0);
    expect(samples.get('quittance_oldest_unstarted_workflow_seconds')).toBe(0);
  });

  test('has a lag per destination, by its oldest row', async () => {
    await add('nats', 'event', { seconds: 30 });
    await add('nats', 'event', { seconds: 60, attempts: 2 });
    await add('nats', 'event', { seconds: 500, published: true });
    await add('temporal', 'wake', { seconds: 90 });
    await add('temporal', 'start', { seconds: 20 });
    const samples = await scrapeFresh(registry, 'outbox');
    const near = (name: string, seconds: number): void =>
      expect(Math.round((samples.get(name) ?? NaN) / 10) * 10).toBe(seconds);
    near('quittance_outbox_lag_seconds{destination="nats"}', 60);
    near('quittance_outbox_lag_seconds{destination="temporal"}', 90);
    near('quittance_oldest_unstarted_workflow_seconds', 20);
    expect(samples.get('quittance_outbox_backlog{destination="nats"}')).toBe(2);
    expect(samples.get('quittance_outbox_failing{destination="nats"}')).toBe(1);
    expect(samples.get('quittance_outbox_failing{destination="temporal"}')).toBe(0);
  });

  test('that cannot be read is left out of the scrape, which is answered', async () => {
    await scrapeFresh(registry, 'outbox');
    await pool.query('alter table outbox rename to outbox_away');
    try {
      const samples = await scrape(registry);
      expect([...samples]).toEqual([
        ['quittance_oldest_unstarted_workflow_seconds', NaN],
        ['quittance_outbox_readable', 0],
      ]);
    } finally {
      await pool.query('alter table outbox_away rename to outbox');
    }
  });

  test('that is slow to read is shown as it was read last', async () => {
    const backlog = 'quittance_outbox_backlog{destination="nats"}';
    const state = async (): Promise<unknown[]> => {
      const samples = await scrape(registry);
      return [samples.get(backlog), samples.get('quittance_outbox_readable')];
    };
    await add('nats', 'event', { seconds: 30 });
    await scrapeFresh(registry, 'outbox');
    await inTransaction(pool, async (tx) => {
      await tx.query('lock table outbox');
      expect(await state()).toEqual([1, 0]);
      // The read of the scrape before is still under way: the connections there are do not all wait for it.
      expect(await state()).toEqual([1, 0]);
      expect(pool.waitingCount).toBe(0);
    });
    await add('nats', 'event', { seconds: 30 });
    await waitUntil('it is read again', async () => isDeepStrictEqual(await state(), [2, 1]));
  });
});

describe('the streams', () => {
  let nc: NatsConnection;
  let manager: JetStreamManager;
  const consumer = `test-${randomUUID()}`;

  beforeAll(async () => {
    nc = await connect({ servers: process.env['NATS_URL'] ?? '' });
    manager = await nc.jetstreamManager();
    await ensureStreams(nc);
  });

  afterAll(async () => {
    await manager.consumers.delete('INTAKE', consumer);
    await nc.close();
  });

  test('show the lag of each consumer and the number of dead letters', async () => {
    const subject = `intake.${consumer}.created`;
    await manager.consumers.add('INTAKE', {
      durable_name: consumer,
      filter_subject: subject,
      ack_policy: AckPolicy.Explicit,
    });
    const js = nc.jetstream();
    for (const text of ['1', '2', '3']) await js.publish(subject, text);
    // Of somebody who reads just now: it is behind, and nobody has to care.
    const ephemeral = await js.consumers.get('INTAKE', { filterSubjects: [subject] });
    const reading = await ephemeral.info();
    const messages = await js.consumers.get('INTAKE', consumer);
    await messages.next();
    const { state } = await manager.streams.info('DEADLETTERS');
    await js.publish('deadletters.INTAKE', 'bad');

    const registry = new Registry();
    registerStreamMetrics(registry, logger, manager);
    const samples = await scrapeFresh(registry, 'streams');
    const labels = `{stream="INTAKE",consumer="${consumer}"}`;
    expect(samples.get(`quittance_consumer_lag${labels}`)).toBe(2);
    expect(samples.get(`quittance_consumer_unacknowledged${labels}`)).toBe(1);
    expect(reading.num_pending).toBe(3);
    expect([...samples.keys()].filter((name) => name.includes(reading.name))).toEqual([]);
    await ephemeral.delete();
    expect(samples.get('quittance_dead_letters')).toBe(state.messages + 1);
    await manager.streams.purge('DEADLETTERS', { filter: 'deadletters.INTAKE' });
  });

  test('are shown as they were read last, then left out, while NATS is down', async () => {
    const { hostname: host, port } = new URL(process.env['NATS_URL'] ?? '');
    const proxy = await startTcpProxy({ host, port: Number(port) });
    const cutOff = await connect({
      servers: `127.0.0.1:${proxy.port}`,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 50,
    });
    const registry = new Registry();
    const state = async (): Promise<unknown[]> => {
      const samples = await scrape(registry);
      return [samples.get('quittance_dead_letters'), samples.get('quittance_streams_readable')];
    };
    try {
      registerStreamMetrics(registry, logger, await cutOff.jetstreamManager());
      const before = (await scrapeFresh(registry, 'streams')).get('quittance_dead_letters');
      expect(before).toBeGreaterThanOrEqual(0);
      proxy.cut();
      expect(await state()).toEqual([before, 0]);
      await waitUntil('it is left out', async () => Number.isNaN((await state())[0]));
      // By the next as well, which is not answered yet.
      expect(await state()).toEqual([NaN, 0]);
      proxy.restore();
      await waitUntil('it is read again', async () =>
        isDeepStrictEqual(await state(), [before, 1]),
      );
    } finally {
      await cutOff.close();
      await proxy.close();
    }
  });
});
