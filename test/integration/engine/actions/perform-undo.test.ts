import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { PoolClient } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Action, loadAction } from '../../../../engine/actions/action.js';
import { perform, tryUndo } from '../../../../engine/actions/run-type.js';
import { ACTION_ARGS, typeToOpen } from '../../../../engine/actions/types/index.js';
import { Territories } from '../territories/fixture.helper.js';
import type { Caller } from '../../../../engine/accounts/caller.js';
import type { Person } from './bugs/bugs.helper.js';
import { ActionFixture, ANONYMOUS } from './fixture.helper.js';

let fixture: ActionFixture;
let itemId: string;
let payer: Person;
/** Of the payer. */
let ownItemId: string;
let pollId: string;
let optionId: string;

beforeAll(async () => {
  fixture = await ActionFixture.create();
  const author = await fixture.account('author', 10_000_000_000n);
  itemId = await fixture.paidPost(author);
  payer = await fixture.account('payer', 50_000_000_000n);
  ownItemId = await fixture.paidPost(payer);
  const poll = { kind: 'poll', title: 'Which one?', options: ['this', 'that'] };
  const asked = await fixture.open(author, { type: 'ITEM_CREATE', args: poll, payment: 'credits' });
  pollId = asked.view.result['itemId'] ?? '';
  const territories = new Territories(fixture);
  for (const name of ['valley', 'due', 'stopped']) await territories.create(payer, name);
  await territories.age('due', 31);
  await fixture.pool.query(`update territories set auto_renew = false where name = 'stopped'`);
  for (const days of [31, 31]) {
    await territories.age('stopped', days);
    await territories.run('stopped');
  }
  const { rows } = await fixture.pool.query<{ id: bigint }>(
    'select id from poll_options where item_id = $1 limit 1',
    [pollId],
  );
  optionId = String(rows[0]?.id);
});
afterAll(() => fixture.close());

/** The types whose money is held before they are performed. */
const PESSIMISTIC = [...ACTION_ARGS.keys()].filter((name) => {
  const type = typeToOpen(name);
  return type.paymentMethods.includes('pessimistic') && type.perform !== undefined;
});

/** What each of them may be asked for. A type that is registered and is not here fails. */
const ARGS: Readonly<Record<string, () => fc.Arbitrary<unknown>>> = {
  ITEM_CREATE: () =>
    fc.record({
      title: fc.stringMatching(/^[a-z]{5,80}$/),
      text: fc.string({ unit: 'grapheme', maxLength: 200 }).map((text) => text.replace(/\0/g, '')),
    }),
  ITEM_UPDATE: () =>
    fc.record({ itemId: fc.constant(ownItemId), boostSats: fc.integer({ min: 1, max: 1_000 }) }),
  POLL_VOTE: () => fc.record({ itemId: fc.constant(pollId), optionId: fc.constant(optionId) }),
  DONATE: () => fc.record({ sats: fc.integer({ min: 1, max: 1_000 }) }),
  TERRITORY_CREATE: () =>
    fc.record({ name: fc.stringMatching(/^[a-z]{5,20}$/), billing: fc.constant('ONCE') }),
  TERRITORY_UPDATE: () =>
    fc.record({
      ...{ territory: fc.constant('valley'), version: fc.constant(1) },
      billing: fc.constantFrom('YEARLY', 'ONCE'),
    }),
  TERRITORY_BILLING: () => fc.record({ territory: fc.constant('due') }),
  TERRITORY_UNARCHIVE: () =>
    fc.record({ territory: fc.constant('stopped'), billing: fc.constantFrom('MONTHLY', 'ONCE') }),
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

/** Of a vote somebody new each time: an account has one. */
async function callerOf(type: string, anonymous: boolean): Promise<Caller> {
  if (type === 'POLL_VOTE') return fixture.account(`voter-${randomUUID().slice(0, 8)}`);
  return anonymous && typeToOpen(type).anonymous ? ANONYMOUS : payer;
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
  it.each(PESSIMISTIC)('is the identity for others: %s', async (type) => {
    const arbitrary = ARGS[type];
    if (arbitrary === undefined) throw new Error(`say in ARGS what ${type} may be asked for`);
    let performed = 0;
    await fc.assert(
      fc.asyncProperty(arbitrary(), fc.boolean(), async (args, anonymous) => {
        const caller = await callerOf(type, anonymous);
        const { view } = await fixture.open(caller, { type, args, payment: 'invoice' });
        const action = await loadAction(fixture.pool, view.id);
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
