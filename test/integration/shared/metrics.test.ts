import { randomUUID } from 'node:crypto';
import { AckPolicy, connect, type JetStreamManager, type NatsConnection } from 'nats';
import type pg from 'pg';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { migrate } from '../../../db/migrate.js';
import { createPool } from '../../../db/pool.js';
import { createLogger } from '../../../services/shared/logger.js';
import { registerOutboxMetrics } from '../../../services/shared/metrics-outbox.js';
import { registerStreamMetrics } from '../../../services/shared/metrics-streams.js';
import { ensureStreams } from '../../../services/shared/streams.js';
import { emptyDatabase } from '../db/empty-database.js';

const logger = createLogger({ logLevel: 'silent' }, 'test');

/** The samples of a scrape: `name{labels}` to value. */
async function scrape(registry: Registry): Promise<Map<string, number>> {
  const lines = (await registry.metrics()).split('\n').filter((line) => /^[a-z]/.test(line));
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(' ');
      return [line.slice(0, end), Number(line.slice(end + 1))];
    }),
  );
}

describe('the outbox', () => {
  let pool: pg.Pool;
  let drop: () => Promise<void>;
  let registry: Registry;

  beforeAll(async () => {
    const database = await emptyDatabase();
    drop = database.drop;
    await migrate({ connectionString: database.url });
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
      `insert into outbox (destination, kind, ordering_key, subject, payload, created_at,
                           attempts, published_at)
       values ($1, $2, 'k', 's', '{}', clock_timestamp() - make_interval(secs => $3), $4, $5)`,
      [
        destination,
        kind,
        age.seconds,
        age.attempts ?? 0,
        age.published === true ? new Date() : null,
      ],
    );

  test('that is empty is not behind', async () => {
    await add('nats', 'event', { seconds: 500, published: true });
    const samples = await scrape(registry);
    expect(samples.get('quittance_outbox_lag_seconds{destination="nats"}')).toBe(0);
    expect(samples.get('quittance_outbox_backlog{destination="temporal"}')).toBe(0);
    expect(samples.get('quittance_oldest_unstarted_workflow_seconds')).toBe(0);
  });

  test('is behind by its oldest row, for each destination', async () => {
    await add('nats', 'event', { seconds: 30 });
    await add('nats', 'event', { seconds: 60, attempts: 2 });
    await add('nats', 'event', { seconds: 500, published: true });
    await add('temporal', 'wake', { seconds: 90 });
    await add('temporal', 'start', { seconds: 20 });
    const samples = await scrape(registry);
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
    await pool.query('alter table outbox rename to outbox_away');
    try {
      const samples = await scrape(registry);
      expect([...samples.keys()]).toEqual(['quittance_oldest_unstarted_workflow_seconds']);
      expect(samples.get('quittance_oldest_unstarted_workflow_seconds')).toBeNaN();
    } finally {
      await pool.query('alter table outbox_away rename to outbox');
    }
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

  test('tell how far each consumer is behind, and what lies in the dead letters', async () => {
    const subject = `intake.${consumer}.created`;
    await manager.consumers.add('INTAKE', {
      durable_name: consumer,
      filter_subject: subject,
      ack_policy: AckPolicy.Explicit,
    });
    const js = nc.jetstream();
    for (const text of ['1', '2', '3']) await js.publish(subject, text);
    const messages = await js.consumers.get('INTAKE', consumer);
    await messages.next();
    const { state } = await manager.streams.info('DEADLETTERS');
    await js.publish('deadletters.INTAKE', 'bad');

    const registry = new Registry();
    registerStreamMetrics(registry, logger, manager);
    const samples = await scrape(registry);
    const labels = `{stream="INTAKE",consumer="${consumer}"}`;
    expect(samples.get(`quittance_consumer_lag${labels}`)).toBe(2);
    expect(samples.get(`quittance_consumer_unacknowledged${labels}`)).toBe(1);
    expect(samples.get('quittance_dead_letters')).toBe(state.messages + 1);
    await manager.streams.purge('DEADLETTERS', { filter: 'deadletters.INTAKE' });
  });
});
