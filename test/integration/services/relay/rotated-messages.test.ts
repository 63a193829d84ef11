import fc from 'fast-check';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { readEpoch } from '../../../../db/installation.js';
import { inTransaction } from '../../../../db/transaction.js';
import { STREAMS } from '../../../../domain/names/subjects.js';
import { dedupe } from '../../../../services/relay/consumer/dedupe.js';
import { rotateTables } from '../../../../services/relay/maintenance/rotation.js';
import { startRetention } from '../../../../services/relay/maintenance/tasks.js';
import { RelayMetrics } from '../../../../services/relay/metrics.js';
import { registerRotationMetrics } from '../../../../services/shared/metrics-rotation.js';
import { waitForBlockedConnections } from '../../../support/blocked-connections.js';
import { createLatch } from '../../../support/latch.js';
import { waitUntil } from '../../../support/wait-until.js';
import { counter, logger } from './fixture.helper.js';
import {
  applyAll,
  beginAnew,
  KEEP_HOURS,
  passDays,
  rotatedDatabase,
  USED_RELATIONS,
  waitForLocks,
} from './rotation.helper.js';

const TABLE = 'applied_messages';
/** For so long a message may be delivered again. */
const WINDOW_DAYS = Math.max(...Object.values(STREAMS).map(({ keepDays }) => keepDays ?? 0));

const database = rotatedDatabase();
const rotate = (): Promise<string[]> => rotateTables(database.pool, KEEP_HOURS);

async function count(table: string): Promise<number> {
  const { rows } = await database.pool.query<{ n: number }>(
    `select count(*)::int as n from ${table}`,
  );
  return rows[0]?.n ?? NaN;
}

describe('a message is applied once', () => {
  it('is kept for longer than any stream keeps it', async () => {
    const { rows } = await database.pool.query<{ days: number }>(
      `select extract(day from keep)::int as days from rotations where name = 'applied_messages'`,
    );
    expect(rows[0]?.days).toBeGreaterThan(WINDOW_DAYS);
  });

  it('whenever it comes again within the time of its stream, and however often the table began anew', async () => {
    const { pool } = database;
    const step = fc.record({
      days: fc.oneof(fc.constantFrom(0, 1, 31, 32, 33), fc.integer({ min: 0, max: 70 })),
      id: fc.constantFrom('a', 'b', 'c'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 10 }), async (steps) => {
        await beginAnew(pool);
        const appliedOn = new Map<string, number>();
        let today = 0;
        for (const { days, id } of steps) {
          today += days;
          await passDays(pool, TABLE, days);
          await rotate();
          const [result] = await applyAll(pool, [id]);
          const on = appliedOn.get(id);
          if (on === undefined) expect(result).toBe('new');
          else if (today - on <= WINDOW_DAYS) expect(result).toBe('duplicate');
          if (result === 'new') appliedOn.set(id, today);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('by any of several relays while the table begins anew', async () => {
    const { pool } = database;
    const batch = fc.uniqueArray(fc.integer({ min: 0, max: 11 }).map(String), {
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(batch, { minLength: 4, maxLength: 12 }),
        fc.nat({ max: 12 }),
        async (batches, place) => {
          await beginAnew(pool);
          await passDays(pool, TABLE, 33);
          const works = batches.map((ids) => async () => {
            const results = await applyAll(pool, ids);
            return ids.filter((_, n) => results[n] === 'new');
          });
          works.splice(Math.min(place, works.length), 0, async () => {
            expect(await rotate()).toEqual([TABLE]);
            return [];
          });
          const applied = (await Promise.all(works.map((work) => work()))).flat().sort();
          expect(applied).toEqual([...new Set(batches.flat())].sort());
        },
      ),
      { numRuns: 40 },
    );
  });

  it('that another relay is applying while the table is to begin anew', async () => {
    const { pool } = database;
    await passDays(pool, TABLE, 33);
    const epoch = await readEpoch(pool);
    const [applied, commit] = [createLatch(), createLatch()];
    const first = inTransaction(pool, async (tx) => {
      const results = await dedupe(tx, 'c', [{ messageId: 'x', epoch }]);
      applied.open();
      await commit.opened;
      return results;
    });
    await applied.opened;
    const rotated = rotate();
    await waitForBlockedConnections(pool, 1);
    const again = applyAll(pool, ['x']);
    await waitForBlockedConnections(pool, 2);
    commit.open();
    expect(await first).toEqual(['new']);
    expect(await rotated).toEqual([TABLE]);
    expect(await again).toEqual(['duplicate']);
    expect(await count('applied_messages_before')).toBe(1);
  });

  it('looking it up in the two newest tables by their keys, and nowhere else', async () => {
    const { pool } = database;
    await pool.query(
      `insert into applied_messages select 'c', n::text from generate_series(1, 20000) n`,
    );
    await passDays(pool, TABLE, 33);
    await rotate();
    const epoch = await readEpoch(pool);
    const messages = ['1', '20001'].map((messageId) => ({ messageId, epoch }));
    const used = await inTransaction(pool, async (tx) => {
      expect(await dedupe(tx, 'c', messages)).toEqual(['duplicate', 'new']);
      const { rows } = await tx.query<{ used: string[] }>(USED_RELATIONS);
      return rows[0]?.used.filter((name) => name.startsWith('applied_messages'));
    });
    expect(used).toEqual([
      ...['applied_messages', 'applied_messages_before', 'applied_messages_before_pkey'],
    ]);
  });
});

describe('the table', () => {
  it('does not begin anew before its time', async () => {
    await passDays(database.pool, TABLE, 31);
    expect(await rotate()).toEqual([]);
    await passDays(database.pool, TABLE, 1);
    expect(await rotate()).toEqual([TABLE]);
    expect(await rotate()).toEqual([]);
  });

  it('drops what was applied in the turn before last, as a whole', async () => {
    const { pool } = database;
    await applyAll(pool, ['old']);
    for (const kept of [1, 0]) {
      await passDays(pool, TABLE, 32);
      expect(await rotate()).toEqual([TABLE]);
      expect(await count('applied_messages_before')).toBe(kept);
    }
    expect(await applyAll(pool, ['old'])).toEqual(['new']);
  });

  it('keeps its rules and its rights', async () => {
    const { pool } = database;
    const looks = `select array_agg(pg_get_constraintdef(oid) order by conname) as rules,
        (select array_agg(tgname::text order by 1) from pg_trigger where tgrelid = 'applied_messages'::regclass) as triggers,
        (select relacl::text from pg_class where oid = 'applied_messages'::regclass) as rights
      from pg_constraint where conrelid = 'applied_messages'::regclass`;
    await pool.query(`
      do $$ begin create role rotation_reader; exception when duplicate_object then null; end $$;
      grant select on applied_messages to public; grant select, insert on applied_messages to rotation_reader`);
    const before = await pool.query<{ rules: string[]; triggers: string[]; rights: string }>(looks);
    await passDays(pool, TABLE, 32);
    expect(await rotate()).toEqual([TABLE]);
    const [was, is] = [before.rows[0], (await pool.query<(typeof before.rows)[0]>(looks)).rows[0]];
    // The new one is empty, so that its rule is valid.
    expect(is?.rules).toEqual(was?.rules.map((rule) => rule.replace(' NOT VALID', '')));
    expect(is?.triggers).toEqual(was?.triggers);
    expect(is?.rights.split(',').sort()).toEqual(was?.rights.split(',').sort());
  });

  it('begins anew by itself, and until then a metric says for how long it is overdue', async () => {
    const { pool } = database;
    const registry = new Registry();
    registerRotationMetrics(registry, logger, pool);
    const overdue = (): Promise<number> =>
      counter(registry, 'quittance_rotation_overdue_seconds', { table: TABLE });
    expect(await overdue()).toBe(0);
    await passDays(pool, TABLE, 33);
    await waitUntil('it is a day late', async () => Math.round((await overdue()) / 3600) === 24);
    const retention = startRetention({
      config: {
        ...{ outboxKeepHours: KEEP_HOURS, messageKeepDays: 31, orderCloseDays: 31 },
        ...{ sweepIntervalSeconds: 1, sweepGraceSeconds: 1, reconcileSeconds: 0 },
        siteUrl: 'http://127.0.0.1:8420',
      },
      ...{ pool, logger, metrics: new RelayMetrics(new Registry()) },
      outboxChanged: () => undefined,
      isBehind: () => Promise.resolve(false),
    });
    await waitUntil('it is not', async () => (await overdue()) === 0);
    await retention.stop();
  });

  it('is left to the next time while somebody uses it for long', async () => {
    const { pool } = database;
    await pool.query(`alter function rotate_applied_messages() set lock_timeout = '50ms'`);
    await passDays(pool, TABLE, 33);
    await inTransaction(pool, async (tx) => {
      await tx.query('select from applied_messages_before');
      expect(await rotate()).toEqual([]);
    });
    expect(await rotate()).toEqual([TABLE]);
    await waitForLocks(pool);
  });
});
