import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rollUp } from '../../../../engine/ledger/roll-up.js';
import { ActionFixture, zapOf } from '../actions/fixture.helper.js';

let fixture: ActionFixture;

beforeAll(async () => {
  fixture = await ActionFixture.create();
});
afterAll(() => fixture.close());

/** Everything is so much older; the schema keeps entries as they are otherwise. */
async function age(hours: number): Promise<void> {
  const by = `interval '${hours} hours'`;
  for (const [table, column] of [
    ['entries', 'created_at'],
    ['ledger_rollups', 'at'],
  ]) {
    await fixture.pool.query(`alter table ${table} disable trigger user`);
    await fixture.pool.query(`update ${table} set ${column} = ${column} - ${by}`);
    await fixture.pool.query(`alter table ${table} enable trigger user`);
  }
}

async function wrongBalances(): Promise<unknown[]> {
  const { rows } = await fixture.pool.query<Record<string, unknown>>(
    `select b.system from system_balances b
     where b.balance_msat <> (select coalesce(sum(amount_msat), 0) from postings where ledger_account_id = b.id)`,
  );
  return rows;
}

describe('the balances of system accounts', () => {
  it('are summed once a day, up to what nothing can precede any more, and go on from there', async () => {
    const itemId = await fixture.paidPost(await fixture.account('author', 5_000n));
    expect(await rollUp(fixture.pool)).toBe(false);
    await age(1);
    expect(await rollUp(fixture.pool)).toBe(true);
    expect(await rollUp(fixture.pool)).toBe(false);
    await fixture.open(await fixture.account('zapper', 50_000n), zapOf(itemId, 20));
    expect(await wrongBalances()).toEqual([]);
    await age(25);
    expect(await rollUp(fixture.pool)).toBe(true);
    expect(await wrongBalances()).toEqual([]);
    expect(await fixture.count('(select distinct through_entry from ledger_rollups) t')).toBe(2);
  });

  it('leave out what an open transaction may still precede', async () => {
    const open = await fixture.pool.connect();
    try {
      await open.query('begin');
      await open.query('select 1 from entries limit 1');
      await fixture.account('later', 1_000n);
      const before = await fixture.count('ledger_rollups');
      await age(0);
      await fixture.pool.query('alter table ledger_rollups disable trigger user');
      await fixture.pool.query(`update ledger_rollups set at = at - interval '2 days'`);
      await fixture.pool.query('alter table ledger_rollups enable trigger user');
      expect(await rollUp(fixture.pool)).toBe(false);
      expect(await fixture.count('ledger_rollups')).toBe(before);
    } finally {
      await open.query('rollback');
      open.release();
    }
  });

  it('are summed by one of many at the same time', async () => {
    await age(30);
    const did = await Promise.all(Array.from({ length: 6 }, () => rollUp(fixture.pool)));
    expect(did.filter(Boolean)).toHaveLength(1);
    expect(await wrongBalances()).toEqual([]);
  });
});
