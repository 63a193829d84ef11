import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { inTransaction } from '../../../../db/transaction.js';
import {
  msUntilDue,
  PIN_PLAN,
  TAKE_BY_KEY,
  TAKE_BY_PRIORITY,
  TAKE_OLDEST,
  takeRuns,
} from '../../../../services/relay/outbox/take-rows.js';
import {
  TAKE_CALLS,
  TAKE_OLDEST_CALLS,
} from '../../../../services/relay/outbox/node/take-calls.js';
import { relayDatabase, type Database } from './fixture.helper.js';

let database: Database;
const LIMITS = { keys: 200, rows: 400 };

/** 100,000 published rows, then one key with 20,000 rows, then 50,000 keys with one row each; half of each are Temporal's. */
const FILL = `
  alter table outbox set (autovacuum_enabled = false);
  insert into outbox (destination, kind, ordering_key, subject, payload, published_at)
  select d, k, 'old/' || n, 'actions.zap.paid', '{"n": 1}', now()
  from generate_series(1, 50000) n, (values ('nats', 'event'), ('temporal', 'wake')) v (d, k);
  insert into outbox (destination, kind, ordering_key, subject, payload)
  select d, k, 'hot', 'actions.zap.paid', '{"n": 1}'
  from generate_series(1, 10000) n, (values ('nats', 'event'), ('temporal', 'wake')) v (d, k);
  insert into outbox (destination, kind, ordering_key, subject, payload)
  select d, k, 'one/' || n, 'actions.zap.paid', '{"n": 1}'
  from generate_series(1, 25000) n, (values ('nats', 'event'), ('temporal', 'wake')) v (d, k)`;

beforeAll(async () => {
  database = await relayDatabase();
  await database.pool.query(FILL);
});

afterAll(() => database.close());

function free(): Promise<unknown> {
  return database.pool.query(
    'update outbox set leased_until = null where leased_until is not null',
  );
}

describe.each(['never analyzed', 'analyzed'])('with 170,000 rows, %s', (how) => {
  beforeAll(async () => {
    if (how === 'analyzed') await database.pool.query('analyze outbox');
  });

  it.each([
    [
      'of each key in order',
      TAKE_BY_KEY,
      ["'nats'", '200', '400'],
      ['outbox_key', 'outbox_key', 'outbox_pkey', 'outbox_unpublished'],
    ],
    [
      'by priority',
      TAKE_BY_PRIORITY,
      ["'temporal'", '9', '400'],
      ['outbox_pkey', 'outbox_priority'],
    ],
    [
      'the oldest first',
      TAKE_OLDEST,
      ["'temporal'", '9', '400'],
      ['outbox_pkey', 'outbox_unpublished'],
    ],
    [
      'that are calls',
      TAKE_CALLS,
      ['4', '12', '16'],
      ['outbox_pkey', 'outbox_priority', 'outbox_priority'],
    ],
    [
      'that are calls, the oldest first',
      TAKE_OLDEST_CALLS,
      ['4', '12', '16'],
      ['outbox_pkey', 'outbox_priority', 'outbox_unpublished'],
    ],
  ])(
    'taking rows %s uses these indexes, without a sort or a scan',
    async (_, sql, values, used) => {
      const nodes = await inTransaction(database.pool, async (tx) => {
        await tx.query(PIN_PLAN);
        const { rows } = await tx.query<{ 'QUERY PLAN': unknown }>(
          `explain (format json) ${values.reduce((text, value, n) => text.replaceAll(`$${n + 1}`, value), sql)}`,
        );
        return nodesOf(rows[0]?.['QUERY PLAN']);
      });
      const onOutbox = nodes.flatMap((node) => node['Index Name'] ?? []);
      expect(onOutbox.sort()).toEqual(used);
      const kinds = new Set(nodes.map((node) => node['Node Type']));
      expect([...kinds].filter((kind) => /Sort|Bitmap|Hash|Merge/.test(kind))).toEqual([]);
      const scanned = nodes.filter((node) => node['Node Type'] === 'Seq Scan');
      expect(scanned.filter((node) => node['Relation Name'] === 'outbox')).toEqual([]);
    },
  );

  it('takes well under a second, past one key with 10,000 rows', async () => {
    const begun = performance.now();
    const { runs } = await takeRuns(database.pool, { name: 'nats', order: 'key', limits: LIMITS });
    expect(performance.now() - begun).toBeLessThan(1_000);
    expect(runs).toHaveLength(LIMITS.keys);
    expect(runs[0]?.map(({ orderingKey }) => orderingKey)).toEqual(['hot', 'hot']);
    expect(new Set(runs.map(([head]) => head?.orderingKey)).size).toBe(LIMITS.keys);
    await free();
  });

  it('takes by priority as quickly, and drops wakes of workflows that are still to be started', async () => {
    const begun = performance.now();
    const temporal = { name: 'temporal', order: 'priority', limits: LIMITS } as const;
    const { runs } = await takeRuns(database.pool, temporal);
    expect(performance.now() - begun).toBeLessThan(1_000);
    expect(runs.flat()).toHaveLength(LIMITS.rows);
    await free();
  });

  it('looks ahead as quickly', async () => {
    const begun = performance.now();
    expect(await msUntilDue(database.pool, { destination: 'nats', pollMs: 1_000 })).toBe(1_000);
    expect(performance.now() - begun).toBeLessThan(500);
  });
});

describe('a key alone', () => {
  it('gets as many rows in a batch as many keys together', async () => {
    await database.pool.query(`delete from outbox where ordering_key like 'one/%'`);
    const { runs } = await takeRuns(database.pool, { name: 'nats', order: 'key', limits: LIMITS });
    expect(runs).toHaveLength(1);
    expect(runs[0]).toHaveLength(LIMITS.rows);
    const ids = runs[0]?.map(({ id }) => id) ?? [];
    expect(ids).toEqual([...ids].sort((a, b) => (a < b ? -1 : 1)));
  });
});

const planNode = z.looseObject({
  'Node Type': z.string(),
  'Relation Name': z.string().optional(),
  'Index Name': z.string().optional(),
});
type PlanNode = z.output<typeof planNode>;

function nodesOf(plan: unknown): PlanNode[] {
  if (Array.isArray(plan)) return plan.flatMap(nodesOf);
  const inner = z.looseObject({ Plan: z.unknown() }).safeParse(plan);
  if (inner.success && inner.data.Plan !== undefined) return nodesOf(inner.data.Plan);
  const node = planNode.parse(plan);
  return [node, ...nodesOf(node['Plans'] ?? [])];
}
