import { describe, expect, it } from 'vitest';
import { inTransaction } from '../../../../db/transaction.js';
import { callRow, enqueue, finishCall } from '../../../../engine/outbox.js';
import { readEventsAfter } from '../../../../engine/read-events.js';
import { rotateTables } from '../../../../services/relay/maintenance/rotation.js';
import { markRows } from '../../../../services/relay/outbox/leases.js';
import {
  PIN_PLAN,
  TAKE_BY_KEY,
  TAKE_BY_PRIORITY,
  takeRuns,
} from '../../../../services/relay/outbox/take-rows.js';
import { TAKE_CALLS } from '../../../../services/relay/outbox/node/take-calls.js';
import { insertRow } from './fixture.helper.js';
import {
  explaining,
  KEEP_HOURS,
  passDays,
  rotatedDatabase,
  USED_RELATIONS,
} from './rotation.helper.js';

const TABLE = 'outbox_delivered';
const NATS = { name: 'nats', order: 'key', limits: { keys: 50, rows: 100 } } as const;

const database = rotatedDatabase();
const rotate = (): Promise<string[]> => rotateTables(database.pool, KEEP_HOURS);

function insertEvent(key: string): Promise<bigint> {
  return insertRow(database.pool, { key, subject: 'actions.zap.paid', payload: { actionId: key } });
}

/** What a relay does with everything that is free. */
async function deliverAll(): Promise<bigint[]> {
  const { runs } = await takeRuns(database.pool, NATS);
  const rows = runs.flat();
  await markRows(
    database.pool,
    rows.map((row) => ({ row, done: true })),
  );
  return rows.map(({ id }) => id);
}

/** Keys by the table that they are in. */
async function keys(): Promise<Record<string, string[]>> {
  const { rows } = await database.pool.query<{ name: string; keys: string[] }>(
    `select tableoid::regclass::text as name, array_agg(ordering_key order by ordering_key) as keys from outbox group by 1`,
  );
  return Object.fromEntries(rows.map((row) => [row.name, row.keys]));
}

describe('a row that was delivered', () => {
  it('is kept as it was, with the time of its delivery', async () => {
    const { pool } = database;
    // Every column has a value that is not its default.
    await pool.query(
      `insert into outbox (destination, kind, ordering_key, subject, payload, created_at, available_at, attempts, last_error, lease,
         leased_until, priority, due_since, traceparent)
       values ('temporal', 'wake', 'k', 's', '{"a": 1}', '2026-01-01Z', '2026-01-02Z', 7, 'failed before', 3, '2030-01-01Z', 5,
         '2026-01-03Z', '00-abc')`,
    );
    const look = `select id, to_jsonb(o) - 'published_at' - 'leased_until' as row, published_at is not null as done, leased_until from outbox o`;
    interface Look {
      readonly id: bigint;
      readonly row: Readonly<Record<string, unknown>>;
      readonly done: boolean;
      readonly leased_until: Date | null;
    }
    const [before] = (await pool.query<Look>(look)).rows;
    expect(Object.values(before?.row ?? { none: null })).not.toContain(null);
    await markRows(pool, [{ row: { id: before?.id ?? 0n, lease: 3 }, done: true }]);
    expect((await pool.query<Look>(look)).rows).toEqual([
      { ...before, done: true, leased_until: null },
    ]);
    expect(await keys()).toEqual({ outbox_delivered: ['k'] });
  });

  it('is one that was marked under its newest lease, and others stay', async () => {
    const { pool } = database;
    await Promise.all(['delivered', 'failed', 'taken by another'].map(insertEvent));
    const rows = (await takeRuns(pool, NATS)).runs.flat();
    await pool.query(`update outbox set lease = lease + 1 where ordering_key = 'taken by another'`);
    await markRows(
      pool,
      rows.map((row) =>
        row.orderingKey === 'failed' ? { row, done: false, error: 'no' } : { row, done: true },
      ),
    );
    expect(await keys()).toEqual({
      outbox: ['failed', 'taken by another'],
      outbox_delivered: ['delivered'],
    });
    const { rows: failed } = await pool.query(
      `select attempts, last_error, leased_until from outbox where ordering_key = 'failed'`,
    );
    expect(failed).toEqual([{ attempts: 1, last_error: 'no', leased_until: null }]);
  });

  it('is a call that its writer has made, which can be asked for again', async () => {
    const hash = 'ab'.repeat(32);
    const ask = (): Promise<void> =>
      inTransaction(database.pool, (tx) => enqueue(tx, [callRow('create_invoice', hash)]));
    await ask();
    await ask();
    expect(await keys()).toEqual({ outbox: [hash] });
    await finishCall(database.pool, 'create_invoice', hash);
    expect(await keys()).toEqual({ outbox_delivered: [hash] });
    await ask();
    expect(await keys()).toEqual({ outbox: [hash], outbox_delivered: [hash] });
  });

  it('alone can be where whole tables are dropped', async () => {
    await expect(
      database.pool.query(
        `insert into outbox_delivered (id, destination, kind, ordering_key, subject, payload)
         values (1, 'nats', 'event', 'k', 's', '{}')`,
      ),
    ).rejects.toThrow('outbox_delivered_only');
  });
});

describe('the table of delivered rows', () => {
  it('begins anew after its time, and is dropped after another; what is not delivered stays', async () => {
    await insertEvent('first');
    await deliverAll();
    await insertEvent('waits');
    await passDays(database.pool, TABLE, 1);
    // A doctor that looks for the rows of a day may have begun before.
    expect(await rotate()).toEqual([]);
    await passDays(database.pool, TABLE, 0.05);
    expect(await rotate()).toEqual([TABLE]);
    expect(await keys()).toEqual({ outbox: ['waits'], outbox_delivered_before: ['first'] });
    await insertEvent('second');
    await database.pool.query(
      `update outbox set available_at = 'infinity' where ordering_key = 'waits'`,
    );
    await deliverAll();
    expect(await keys()).toEqual({
      ...{ outbox: ['waits'], outbox_delivered: ['second'], outbox_delivered_before: ['first'] },
    });
    await passDays(database.pool, TABLE, 1.05);
    expect(await rotate()).toEqual([TABLE]);
    expect(await keys()).toEqual({ outbox: ['waits'], outbox_delivered_before: ['second'] });
  });

  it('is kept for as long as the settings say', async () => {
    await passDays(database.pool, TABLE, 2);
    expect(await rotateTables(database.pool, 48)).toEqual([]);
    expect(await rotateTables(database.pool, 46)).toEqual([TABLE]);
  });

  it('begins anew while rows are added and delivered: none is lost or delivered twice', async () => {
    const { pool } = database;
    const delivered: bigint[] = [];
    const added: bigint[] = [];
    let adding = true;
    const relay = async (): Promise<void> => {
      for (;;) {
        const last = !adding;
        const ids = await deliverAll();
        delivered.push(...ids);
        if (last && ids.length === 0) return;
      }
    };
    const add = async (): Promise<void> => {
      for (let n = 0; n < 60; n += 1) added.push(await insertEvent(`key ${n % 7}`));
      adding = false;
    };
    const rotations = async (): Promise<void> => {
      await passDays(pool, TABLE, 2);
      expect(await rotate()).toEqual([TABLE]);
    };
    await Promise.all([add(), relay(), relay(), relay(), rotations()]);
    const sorted = (ids: readonly bigint[]): bigint[] => [...ids].sort((a, b) => Number(a - b));
    expect(sorted(delivered)).toEqual(sorted(added));
    const { rows } = await pool.query<{ id: bigint }>('select id from outbox order by id');
    expect(rows.map(({ id }) => id)).toEqual(sorted(added));
    expect(Object.keys(await keys())).not.toContain('outbox');
  });

  it('is read by whoever reads on after an event', async () => {
    const { pool } = database;
    const first = await insertEvent('first');
    await deliverAll();
    await passDays(pool, TABLE, 2);
    await rotate();
    const second = await insertEvent('second');
    await deliverAll();
    const third = await insertEvent('third');
    const events = await readEventsAfter(pool, first, 10);
    expect(events.map(({ id }) => id)).toEqual([first, second, third]);
  });
});

describe('tables of delivered rows', () => {
  /** Rows that were delivered, in both tables. */
  async function fill(): Promise<void> {
    const { pool } = database;
    const insert = `insert into outbox_delivered (id, destination, kind, ordering_key, subject, payload, published_at)
      select nextval(pg_get_serial_sequence('outbox', 'id')), 'nats', 'event', 'old/' || n, 'actions.zap.paid', '{}', clock_timestamp()
      from generate_series(1, 20000) n`;
    await pool.query(insert);
    await passDays(pool, TABLE, 2);
    await rotate();
    await pool.query(insert);
    await pool.query('analyze outbox');
  }

  it('are touched by no statement that takes or renews, and by marks only the one that is written', async () => {
    const { pool } = database;
    await fill();
    await insertEvent('new');
    const used = await inTransaction(pool, async (tx) => {
      await tx.query(PIN_PLAN);
      await tx.query(TAKE_BY_KEY, ['nats', 10, 10]);
      await tx.query(TAKE_BY_PRIORITY, ['temporal', 9, 10]);
      await tx.query(TAKE_CALLS, [4, 12, 16]);
      await finishCall(tx, 'create_invoice', 'none');
      return (await tx.query<{ used: string[] }>(USED_RELATIONS)).rows[0]?.used ?? [];
    });
    expect(used.filter((name) => name.startsWith('outbox_delivered'))).toEqual([
      'outbox_delivered',
    ]);
  });

  it('leave an outbox that is empty, whose rows are found by its indexes all the same', async () => {
    const { pool } = database;
    await pool.query(
      `insert into outbox (destination, kind, ordering_key, subject, payload)
       select 'node', 'create_invoice', n::text, n::text, '{}' from generate_series(1, 5000) n;
       delete from outbox`,
    );
    await pool.query('vacuum analyze outbox');
    const { db, lines } = explaining(pool);
    await finishCall(db, 'create_invoice', 'none');
    await markRows(db, [{ row: { id: 1n, lease: 1 }, done: true }]);
    expect(lines()).toContain('outbox_one_call');
    expect(lines()).toContain('outbox_pkey');
    expect(lines()).not.toContain('Seq Scan on outbox');
  });

  it('are left out by the statements of a release that knows nothing of them', async () => {
    const { pool } = database;
    await fill();
    const statements: readonly (readonly [string, readonly unknown[]])[] = [
      [TAKE_BY_KEY, ['nats', 10, 10]],
      [TAKE_BY_PRIORITY, ['temporal', 9, 10]],
      [TAKE_CALLS, [4, 12, 16]],
      [
        `update outbox set published_at = clock_timestamp(), leased_until = null
         where destination = 'node' and kind = $1 and subject = $2 and published_at is null`,
        ['create_invoice', 'ab'],
      ],
    ];
    for (const [sql, values] of statements) {
      const text = sql.replaceAll('only outbox', 'outbox');
      const plan = await inTransaction(pool, async (tx) => {
        await tx.query(PIN_PLAN);
        const literal = values.reduce<string>(
          (query, value, n) =>
            query.replaceAll(`$${n + 1}`, typeof value === 'string' ? `'${value}'` : String(value)),
          text,
        );
        return tx.query<Record<string, string>>(`explain ${literal}`);
      });
      const lines = plan.rows.map((row) => row['QUERY PLAN'] ?? '').join('\n');
      expect(lines).toContain('outbox');
      expect(lines, text).not.toContain('outbox_delivered');
    }
  });

  it('are read by the id of an event, by their keys', async () => {
    await fill();
    const { rows } = await database.pool.query<Record<string, string>>(
      `explain select id from outbox where destination = 'nats' and kind = 'event' and subject like 'actions.%'
         and id > (select max(id) - 200 from outbox) order by id limit 1000`,
    );
    const lines = rows.map((row) => row['QUERY PLAN'] ?? '').join('\n');
    expect(lines).not.toContain('Seq Scan on outbox_delivered');
    expect(lines).toContain('outbox_delivered_pkey');
    expect(lines).toContain('outbox_delivered_before_pkey');
  });
});

it('rows that an earlier release has marked stay in the outbox, and are deleted one by one', async () => {
  await insertEvent('marked in place');
  await database.pool.query('update outbox set published_at = clock_timestamp()');
  expect(await keys()).toEqual({ outbox: ['marked in place'] });
});
