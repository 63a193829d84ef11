import type { NatsConnection } from 'nats';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readEpoch } from '../../../../db/installation.js';
import { EPOCH_HEADER } from '../../../../domain/names/subjects.js';
import { deliverBatch } from '../../../../services/relay/outbox/deliver-batch.js';
import type { Destination, OutboxRow } from '../../../../services/relay/outbox/destination.js';
import { natsDestination } from '../../../../services/relay/outbox/nats-destination.js';
import { waitUntil } from '../../../support/wait-until.js';
import {
  counter,
  freshStreams,
  insertRow,
  natsForTest,
  relayDatabase,
  startLoop,
  testPool,
  unpublished,
  type Database,
  type TestLoop,
} from './fixture.helper.js';
import { messagesOf } from './messages.helper.js';
import { recorder } from './recorder.helper.js';

let nc: NatsConnection;
let database: Database;
let loops: TestLoop[] = [];

beforeAll(async () => {
  nc = await natsForTest();
  database = await relayDatabase();
});

beforeEach(async () => {
  await freshStreams(nc);
  await database.pool.query('truncate outbox');
});

afterEach(async () => {
  await Promise.all(loops.map((loop) => loop.stop()));
  loops = [];
});

afterAll(async () => {
  await database.close();
  await nc.close();
});

function start(destination: Destination, options = {}): TestLoop {
  const loop = startLoop(database, destination, options);
  loops.push(loop);
  return loop;
}

function untilEmpty(): Promise<boolean> {
  return waitUntil('the outbox is empty', async () => (await unpublished(database.pool)) === 0);
}

describe('events of one key', () => {
  it('that may not be covered by their lease any more are not published', async () => {
    const row: OutboxRow = {
      id: 1n,
      kind: 'event',
      ...{ orderingKey: 'a', subject: 'actions.zap.paid', payload: {} },
      ...{ attempts: 0, lease: 1, epoch: 1n },
    };
    const { deliver } = natsDestination(nc);
    expect(await deliver([row], performance.now() - 1)).toEqual({ done: [], failed: [] });
    expect((await deliver([row], performance.now() + 10_000)).done).toEqual([row]);
  });
});

describe('an event', () => {
  it('has its row as message id, the epoch, and its payload', async () => {
    const id = await insertRow(database.pool, {
      key: 'a',
      subject: 'actions.zap.paid',
      payload: { amountMsat: '1000', name: 'Zoë ⚡' },
    });
    const { registry } = start(natsDestination(nc));
    await untilEmpty();
    const epoch = await readEpoch(database.pool);
    const [message, ...others] = await messagesOf(nc, 'ACTIONS');
    expect(others).toEqual([]);
    expect(message?.subject).toBe('actions.zap.paid');
    expect(message?.body).toEqual({ amountMsat: '1000', name: 'Zoë ⚡' });
    expect(message?.header('Nats-Msg-Id')).toBe(`outbox/${epoch}/${id}`);
    expect(message?.header(EPOCH_HEADER)).toBe(`${epoch}`);
    const delivered = { destination: 'nats', kind: 'event' };
    expect(await counter(registry, 'quittance_outbox_delivered_total', delivered)).toBe(1);
  });

  it('is published again, and stored once, when the relay dies before it is marked', async () => {
    await insertRow(database.pool, { key: 'a', subject: 'actions.zap.paid' });
    const real = natsDestination(nc);
    const pool = testPool(database.url, 'dying');
    const dying: Destination = {
      ...real,
      deliver: async (run, until) => {
        const delivery = await real.deliver(run, until);
        await pool.end();
        return delivery;
      },
    };
    await expect(deliverBatch(pool, dying)).rejects.toThrow();
    expect(await unpublished(database.pool)).toBe(1);
    expect(await messagesOf(nc, 'ACTIONS')).toHaveLength(1);
    // Until its lease ends, the row belongs to the relay that has died.
    expect((await deliverBatch(database.pool, real)).published).toHaveLength(0);
    await database.pool.query('update outbox set leased_until = clock_timestamp()');
    expect((await deliverBatch(database.pool, real)).published).toHaveLength(1);
    expect(await unpublished(database.pool)).toBe(0);
    expect(await messagesOf(nc, 'ACTIONS')).toHaveLength(1);
  });

  it('that is delayed is published when due, not at the next poll', async () => {
    await database.pool.query(
      `insert into outbox (destination, kind, ordering_key, subject, payload, available_at)
       values ('nats', 'event', 'a', 'actions.zap.paid', '{}', now() + interval '300 ms')`,
    );
    start(natsDestination(nc), { pollMs: 60_000 });
    await untilEmpty();
    const { rows } = await database.pool.query<{ late: number }>(
      `select extract(epoch from published_at - available_at)::float8 as late from outbox`,
    );
    expect(rows[0]?.late).toBeGreaterThanOrEqual(0);
    expect(rows[0]?.late).toBeLessThan(2);
  });
});

describe('an event behind another of its key', () => {
  it('waits until it is due itself as well', async () => {
    await database.pool.query(
      `insert into outbox (destination, kind, ordering_key, subject, payload, available_at) values
         ('nats', 'event', 'a', 'actions.zap.paid', '1', now()),
         ('nats', 'event', 'a', 'actions.zap.paid', '2', now() + interval '1 hour'),
         ('nats', 'event', 'a', 'actions.zap.paid', '3', now())`,
    );
    const pool = testPool(database.url, 'relay');
    const destination = natsDestination(nc);
    expect((await deliverBatch(pool, destination)).published).toHaveLength(1);
    expect((await deliverBatch(pool, destination)).published).toHaveLength(0);
    await database.pool.query('update outbox set available_at = now()');
    expect((await deliverBatch(pool, destination)).published).toHaveLength(2);
    await pool.end();
    expect((await messagesOf(nc, 'ACTIONS')).map(({ body }) => body)).toEqual([1, 2, 3]);
  });
});

describe('a bad event', () => {
  const tooLarge = { payload: { text: 'x'.repeat(1_100_000) } };

  it.each([
    ['that no stream keeps', { subject: 'nowhere.at.all' }],
    ['larger than NATS takes', { subject: 'actions.zap.paid', ...tooLarge }],
  ])('%s holds back its own key only, and is retried with growing delays', async (_, bad) => {
    await insertRow(database.pool, { key: 'bad', ...bad });
    await insertRow(database.pool, { key: 'bad', subject: 'actions.zap.paid' });
    for (let n = 0; n < 10; n += 1) {
      await insertRow(database.pool, { key: `good/${n}`, subject: 'actions.zap.paid' });
    }
    const { registry } = start(natsDestination(nc));
    const row = await waitUntil('it was tried twice', async () => {
      const { rows } = await database.pool.query<{ attempts: number; error: string; wait: number }>(
        `select attempts, last_error as error,
                extract(epoch from available_at - clock_timestamp())::float8 as wait
         from outbox where published_at is null order by id limit 1`,
      );
      return rows[0]?.attempts === 2 ? rows[0] : undefined;
    });
    expect(row.error).not.toBe('');
    expect(row.wait).toBeGreaterThan(0.2);
    expect(await unpublished(database.pool)).toBe(2);
    expect(await messagesOf(nc, 'ACTIONS')).toHaveLength(10);
    const failed = { destination: 'nats', kind: 'event' };
    expect(await counter(registry, 'quittance_outbox_failures_total', failed)).toBe(2);
  });
});

describe('destinations', () => {
  it('do not wait for each other, even within a key', async () => {
    await insertRow(database.pool, {
      destination: 'temporal',
      kind: 'wake',
      key: 'a',
      subject: 'a',
    });
    await insertRow(database.pool, { key: 'a', subject: 'actions.zap.paid' });
    start(natsDestination(nc));
    await waitUntil('the event is published', async () => (await unpublished(database.pool)) === 1);
    expect(await messagesOf(nc, 'ACTIONS')).toHaveLength(1);
  });
});

describe('a relay that stops', () => {
  it('finishes the current batch and takes no more', async () => {
    for (let n = 0; n < 50; n += 1) {
      await insertRow(database.pool, { key: `k/${n}`, subject: 'actions.zap.paid' });
    }
    const real = natsDestination(nc);
    let stopping: Promise<void> | undefined;
    const loop = startLoop(database, {
      ...real,
      limits: { keys: 10, rows: 10 },
      deliver: (run, until) => {
        stopping ??= loop.stop();
        return real.deliver(run, until);
      },
    });
    await waitUntil('it is stopping', () => stopping !== undefined);
    await stopping;
    expect(await unpublished(database.pool)).toBe(40);
    expect(await messagesOf(nc, 'ACTIONS')).toHaveLength(10);
  });
});

describe('while messages wait', () => {
  const LIMITS = { keys: 100, rows: 400 };
  const messagesWait = (): boolean => true;

  async function insertMany(): Promise<void> {
    for (let key = 0; key < 30; key += 1) {
      await insertRow(database.pool, { key: `${key}`, subject: 'actions.zap.paid' });
    }
  }

  it('a throttled destination continues in small batches', async () => {
    await insertMany();
    start({ ...recorder(LIMITS), throttledByMessages: true }, { messagesWait });
    await waitUntil('the first batch', async () => (await unpublished(database.pool)) < 30);
    expect(await unpublished(database.pool)).toBe(20);
    await untilEmpty();
  });

  it('events are published all in one batch', async () => {
    await insertMany();
    start(recorder(LIMITS), { messagesWait });
    await waitUntil('the first batch', async () => (await unpublished(database.pool)) < 30);
    expect(await unpublished(database.pool)).toBe(0);
  });

  it('events are gathered: few batches for many that come one by one', async () => {
    let batches = 0;
    const counted = (): boolean => {
      batches += 1;
      return true;
    };
    const startedAt = performance.now();
    const { loop } = start(recorder(LIMITS), { messagesWait: counted, pollMs: 60_000 });
    for (let key = 0; key < 300; key += 1) {
      await insertRow(database.pool, { key: `${key}`, subject: 'actions.zap.paid' });
      loop.wake();
    }
    await untilEmpty();
    // On a machine of any speed: 15 ms pass before each batch, and timers may be early by one.
    expect(batches).toBeLessThanOrEqual((performance.now() - startedAt) / 14 + 2);
  });
});
