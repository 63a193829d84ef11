import fc from 'fast-check';
import type { PoolClient } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Action, loadAction } from '../../../../engine/actions/action.js';
import { perform, tryUndo } from '../../../../engine/actions/run-type.js';
import { ACTION_ARGS } from '../../../../engine/actions/types/index.js';
import type { Caller } from '../../../../engine/accounts/caller.js';
import { ActionFixture, ANONYMOUS } from './fixture.helper.js';

let fixture: ActionFixture;
let itemId: string;
let payer: Caller;

beforeAll(async () => {
  fixture = await ActionFixture.create();
  itemId = await fixture.paidPost(await fixture.account('author'));
  payer = await fixture.account('payer');
});
afterAll(() => fixture.close());

/** What each type may be asked for. A type that is registered and is not here fails. */
const ARGS: Readonly<Record<string, () => fc.Arbitrary<unknown>>> = {
  ITEM_CREATE: () =>
    fc.record({
      title: fc.stringMatching(/^[a-z]{5,80}$/),
      text: fc.string({ unit: 'grapheme', maxLength: 200 }).map((text) => text.replace(/\0/g, '')),
    }),
  ZAP: () => fc.record({ itemId: fc.constant(itemId), sats: fc.integer({ min: 1, max: 1_000 }) }),
};

/** Everything that is stored, but for what the action left to be seen by its author: that it failed. */
async function stored(
  tx: PoolClient,
  { id, type }: Action,
): Promise<Readonly<Record<string, string>>> {
  const { rows } = await tx.query<{ name: string }>(
    `select table_name as name from information_schema.tables
     where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`,
  );
  const prints: Record<string, string> = {};
  for (const { name } of rows) {
    const failed = type.tables.includes(name)
      ? `where not (t.action_id = '${id}' and t.state = 'FAILED')`
      : '';
    const { rows: found } = await tx.query<{ print: string }>(
      `select count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as print from "${name}" t ${failed}`,
    );
    prints[name] = found[0]?.print ?? '';
  }
  return prints;
}

const rolledBack = new Error('rolled back');

/** In a transaction that leaves nothing. */
async function inVain(work: (tx: PoolClient) => Promise<void>): Promise<void> {
  const tx = await fixture.pool.connect();
  try {
    await tx.query('begin');
    await work(tx);
    throw rolledBack;
  } catch (error) {
    if (error !== rolledBack) throw error;
  } finally {
    await tx.query('rollback');
    tx.release();
  }
}

describe('perform, then undo', () => {
  it.each([...ACTION_ARGS.keys()])('is the identity for others: %s', async (type) => {
    const arbitrary = ARGS[type];
    if (arbitrary === undefined) throw new Error(`say in ARGS what ${type} may be asked for`);
    let performed = 0;
    await fc.assert(
      fc.asyncProperty(arbitrary(), fc.boolean(), async (args, anonymous) => {
        const caller = anonymous ? ANONYMOUS : payer;
        const { view } = await fixture.open(caller, { type, args, payment: 'invoice' });
        const action = await loadAction(fixture.pool, view.id);
        if (!action.type.paymentMethods.includes('pessimistic')) return;
        await inVain(async (tx) => {
          // An optimistic one is performed already: its author is no concern here.
          for (const table of action.type.tables) {
            await tx.query(`delete from ${table} where action_id = $1`, [action.id]);
          }
          const before = await stored(tx, action);
          await perform(tx, action, 1);
          const after = await stored(tx, action);
          performed += Number(JSON.stringify(after) !== JSON.stringify(before));
          expect(await tryUndo(tx, action)).toBe(undefined);
          expect(await stored(tx, action)).toEqual(before);
        });
      }),
      { numRuns: 6 },
    );
    expect(performed).toBe(6);
  });
});
