import type { NatsConnection } from 'nats';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deliverBatch } from '../../../../services/relay/outbox/deliver-batch.js';
import type { Destination } from '../../../../services/relay/outbox/destination.js';
import { createLatch } from '../../../support/latch.js';
import { waitUntil } from '../../../support/wait-until.js';
import {
  freshStreams,
  insertRow,
  natsForTest,
  relayDatabase,
  unpublished,
  type Database,
} from './fixture.helper.js';
import { messagesOf } from './messages.helper.js';
import { recorder } from './recorder.helper.js';
import { startRelay, type RelayProcess } from './relay-process.helper.js';

const LIMITS = { keys: 100, rows: 100 };
const LEASE_MS = 5_000;

let nc: NatsConnection;
let database: Database;
const relays: RelayProcess[] = [];

beforeAll(async () => {
  nc = await natsForTest();
  database = await relayDatabase();
});

beforeEach(async () => {
  await freshStreams(nc);
  await database.pool.query('truncate outbox');
});

afterEach(async () => {
  for (const { child, exit } of relays.splice(0)) {
    child.kill('SIGKILL');
    await exit;
  }
});

afterAll(async () => {
  await database.close();
  await nc.close();
});

async function relay(env: Readonly<Record<string, string>> = {}): Promise<RelayProcess> {
  const started = await startRelay({
    DATABASE_URL: database.url,
    QUITTANCE_OUTBOX_POLL_MS: '100',
    ...env,
  });
  relays.push(started);
  return started;
}

/** Three events of each of ten keys. */
async function insertEvents(): Promise<void> {
  for (let n = 0; n < 30; n += 1) {
    await insertRow(database.pool, {
      key: `k/${n % 10}`,
      subject: 'actions.zap.paid',
      payload: { key: n % 10, n },
    });
  }
}

const untilLeased = (): Promise<boolean> =>
  waitUntil('it has taken them', async () => {
    const { rowCount } = await database.pool.query('select from outbox where lease = 1');
    return rowCount === 30;
  });

/** All are published once, those of each key in order. */
async function expectPublishedOnce(): Promise<void> {
  await waitUntil(
    'all are delivered',
    async () => (await unpublished(database.pool)) === 0,
    20_000,
  );
  const messages = await messagesOf<{ key: number; n: number }>(nc, 'ACTIONS');
  expect(messages).toHaveLength(30);
  for (let key = 0; key < 10; key += 1) {
    const numbers = messages.filter(({ body }) => body.key === key).map(({ body }) => body.n);
    expect(numbers).toEqual([key, key + 10, key + 20]);
  }
}

/** Waits for longer than the test between publishing and marking. */
const PAUSED = { QUITTANCE_FAILPOINTS: 'after-publish-before-mark~600000' };

describe('rows under the lease of a relay', () => {
  it('that is killed are delivered by another within the lease', async () => {
    await insertEvents();
    const killed = await relay(PAUSED);
    await untilLeased();
    killed.child.kill('SIGKILL');
    await killed.exit;
    const at = performance.now();
    await relay();
    await expectPublishedOnce();
    expect(performance.now() - at).toBeLessThan(LEASE_MS + 10_000);
  });

  it('that is paused are delivered by another, and the first does no harm when it goes on', async () => {
    await insertEvents();
    const paused = await relay({ QUITTANCE_FAILPOINTS: 'after-publish-before-mark~3000' });
    await waitUntil(
      'it has published',
      async () => (await messagesOf(nc, 'ACTIONS')).length === 30,
    );
    paused.child.kill('SIGSTOP');
    const other = await relay();
    await expectPublishedOnce();
    const rows = 'select id, published_at, attempts, lease, last_error from outbox order by id';
    const before = (await database.pool.query(rows)).rows;
    expect(before).toMatchObject(before.map(() => ({ lease: 2, attempts: 0 })));
    other.child.kill('SIGKILL');
    await other.exit;
    paused.child.kill('SIGCONT');
    // Its next batch comes after it has marked the first.
    await insertRow(database.pool, { key: 'new', subject: 'actions.zap.paid' });
    await waitUntil('it goes on', async () => (await unpublished(database.pool)) === 0, 20_000);
    expect((await database.pool.query(rows)).rows.slice(0, 30)).toEqual(before);
    expect(await messagesOf(nc, 'ACTIONS')).toHaveLength(31);
  });
});

describe('a lease', () => {
  it('is renewed while a delivery runs, so that no other relay delivers the row', async () => {
    await insertRow(database.pool, { key: 'a', subject: 'actions.zap.paid' });
    const released = createLatch();
    const slow = recorder(LIMITS, async () => {
      await released.opened;
      return 'delivered';
    });
    const delivering = deliverBatch(database.pool, slow);
    const firstEnd = Date.now() + LEASE_MS + 200;
    const quick = recorder(LIMITS);
    await waitUntil(
      'the first lease would have ended',
      async () => {
        await deliverBatch(database.pool, quick);
        return Date.now() > firstEnd;
      },
      20_000,
    );
    expect(quick.seen).toEqual([]);
    released.open();
    expect((await delivering).published).toHaveLength(1);
  });

  it('that has passed to another relay marks nothing, neither as delivered nor as failed', async () => {
    for (const what of ['delivered', 'refused'] as const) {
      await insertRow(database.pool, { key: 'a', subject: 'actions.zap.paid' });
      const released = createLatch();
      const slow = recorder(LIMITS, async () => {
        await released.opened;
        return what;
      });
      const first = deliverBatch(database.pool, slow);
      await waitUntil('it is taken', async () => {
        const { rowCount } = await database.pool.query('select from outbox where lease = 1');
        return rowCount === 1;
      });
      await database.pool.query('update outbox set leased_until = clock_timestamp()');
      const again = createLatch();
      const second = deliverBatch(
        database.pool,
        recorder(LIMITS, async () => {
          await again.opened;
          return 'delivered';
        }),
      );
      await waitUntil('it is taken again', async () => {
        const { rowCount } = await database.pool.query('select from outbox where lease = 2');
        return rowCount === 1;
      });
      released.open();
      await first;
      const { rows } = await database.pool.query(
        'select published_at, attempts, leased_until > clock_timestamp() as leased from outbox',
      );
      expect(rows).toEqual([{ published_at: null, attempts: 0, leased: true }]);
      again.open();
      await second;
      expect(await unpublished(database.pool)).toBe(0);
      await database.pool.query('truncate outbox');
    }
  });

  it('begins no delivery that it may not cover, as in a process that was paused for longer', async () => {
    await insertEvents();
    const begunAt = performance.now();
    const slow = recorder(LIMITS, async () => {
      await waitUntil('its time has passed', () => performance.now() - begunAt > LEASE_MS);
      return 'delivered';
    });
    await deliverBatch(database.pool, { ...slow, concurrency: 4 });
    // The others are free for another relay.
    expect(new Set(slow.seen.map(({ orderingKey }) => orderingKey)).size).toBe(4);
    const { rowCount } = await database.pool.query(
      'select from outbox where published_at is null and leased_until is null',
    );
    expect(rowCount).toBe(30 - slow.seen.length);
  });

  it('of rows that were not tried ends at once', async () => {
    await insertRow(database.pool, { key: 'a', subject: 'actions.zap.paid' });
    await insertRow(database.pool, { key: 'a', subject: 'actions.zap.paid' });
    const refusing: Destination = recorder(LIMITS, () => Promise.resolve('refused'));
    await deliverBatch(database.pool, refusing);
    const { rows } = await database.pool.query(
      'select attempts, leased_until is null as free from outbox order by id',
    );
    expect(rows).toEqual([
      { attempts: 1, free: true },
      { attempts: 0, free: true },
    ]);
  });

  it('of a destination that is down ends without a failed attempt', async () => {
    await insertRow(database.pool, { key: 'a', subject: 'actions.zap.paid' });
    const down = recorder(LIMITS, () => Promise.resolve('unavailable'));
    await expect(deliverBatch(database.pool, down)).rejects.toThrow('unavailable');
    const { rows } = await database.pool.query(
      'select attempts, last_error, leased_until from outbox',
    );
    expect(rows).toEqual([{ attempts: 0, last_error: null, leased_until: null }]);
  });
});
