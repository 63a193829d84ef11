import fc from 'fast-check';
import type { NatsConnection } from 'nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTransaction } from '../../../../db/transaction.js';
import { natsDestination } from '../../../../services/relay/outbox/nats-destination.js';
import { waitUntil } from '../../../support/wait-until.js';
import {
  freshStreams,
  natsForTest,
  relayDatabase,
  startLoop,
  terminate,
  unpublished,
  type Database,
} from './fixture.helper.js';
import { messagesOf } from './messages.helper.js';
import { recorder } from './recorder.helper.js';

let nc: NatsConnection;
let database: Database;

beforeAll(async () => {
  nc = await natsForTest();
  database = await relayDatabase();
});

afterAll(async () => {
  await database.close();
  await nc.close();
});

/** Like our writers: the lock of the row first, so that the ids of a key are in the order of commits. */
async function write(key: string, count: number, subject: string): Promise<void> {
  for (let n = 1; n <= count; n += 1) {
    await inTransaction(database.pool, async (tx) => {
      await tx.query('select pg_advisory_xact_lock(hashtext($1))', [key]);
      await tx.query(
        `insert into outbox (destination, kind, ordering_key, subject, payload)
         select 'nats', 'event', $1, $2, jsonb_build_object('key', $1::text, 'n', count(*) + 1)
         from outbox where ordering_key = $1`,
        [key, subject],
      );
    });
  }
}

const scenario = fc.record({
  /** Rows of each key; two writers per key at the same time. */
  keys: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 }),
  /** The result of each delivery, counted over all relays. */
  mishaps: fc.array(fc.constantFrom('delivered', 'refused', 'lost', 'unavailable', 'killed'), {
    maxLength: 40,
  }),
});

describe('three relays', () => {
  it('publish every row, those of a key in order, despite kills and refusals', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ keys, mishaps }) => {
        await database.pool.query('truncate outbox');
        const left = [...mishaps];
        const destination = recorder({ keys: 3, rows: 5 }, async () => {
          const next = left.shift() ?? 'delivered';
          if (next !== 'killed') return next;
          await terminate(database.pool, `relay-${1 + (left.length % 3)}`);
          return 'delivered';
        });
        const loops = [1, 2, 3].map((n) =>
          startLoop(database, destination, { name: `relay-${n}`, pollMs: 10 }),
        );
        await Promise.all(
          keys.flatMap((count, key) => [
            write(`key-${key}`, count, 'actions.zap.paid'),
            write(`key-${key}`, count, 'actions.zap.paid'),
          ]),
        );
        await waitUntilEmpty();
        await Promise.all(loops.map((loop) => loop.stop()));
        for (const [key, count] of keys.entries()) {
          const numbers = destination.seen
            .filter((row) => row.orderingKey === `key-${key}`)
            .map((row) => row.id);
          const first = [...new Set(numbers)];
          expect(first).toEqual([...first].sort((a, b) => (a < b ? -1 : 1)));
          expect(first).toHaveLength(2 * count);
        }
      }),
      { numRuns: 12 },
    );
  });

  it('deliver each row once when nothing fails', async () => {
    await database.pool.query('truncate outbox');
    const destination = recorder({ keys: 3, rows: 5 }, async () => {
      await new Promise(setImmediate);
      return 'delivered';
    });
    const loops = [1, 2, 3].map((n) =>
      startLoop(database, destination, { name: `relay-${n}`, pollMs: 10 }),
    );
    const keys = Array.from({ length: 12 }, (_, key) => `key-${key}`);
    await Promise.all(keys.map((key) => write(key, 10, 'actions.zap.paid')));
    await waitUntilEmpty();
    await Promise.all(loops.map((loop) => loop.stop()));
    expect(new Set(destination.seen.map(({ id }) => id)).size).toBe(120);
    expect(destination.seen).toHaveLength(120);
  });

  it('share the work through JetStream, each event once, in order of its key', async () => {
    await freshStreams(nc);
    await database.pool.query('truncate outbox');
    const loops = [1, 2, 3].map((n) =>
      startLoop(database, natsDestination(nc), { name: `relay-${n}` }),
    );
    const keys = Array.from({ length: 20 }, (_, key) => `order/${key}`);
    const writers = keys.map((key) => write(key, 25, 'transmissions.1.started'));
    await terminate(database.pool, 'relay-1');
    await terminate(database.pool, 'relay-2');
    await Promise.all(writers);
    await waitUntilEmpty();
    await Promise.all(loops.map((loop) => loop.stop()));
    const published = await messagesOf<{ key: string; n: number }>(nc, 'TRANSMISSIONS');
    expect(published).toHaveLength(20 * 25);
    for (const key of keys) {
      const numbers = published.filter(({ body }) => body.key === key).map(({ body }) => body.n);
      expect(numbers).toEqual(Array.from({ length: 25 }, (_, i) => i + 1));
    }
  });
});

/** Failed rows wait for their retry, those of a relay that was killed for the end of its lease: here both are moved to now. */
function waitUntilEmpty(): Promise<boolean> {
  const retryNow = `
    update outbox set available_at = now(), leased_until = null where published_at is null
      and (available_at > now() or leased_until < clock_timestamp() + interval '4 seconds')`;
  return waitUntil(
    'the outbox is empty',
    async () => {
      await database.pool.query(retryNow);
      return (await unpublished(database.pool)) === 0;
    },
    30_000,
  );
}
