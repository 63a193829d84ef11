import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { PoolClient } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Action, loadAction } from '../../../../engine/actions/action.js';
import { perform, tryUndo } from '../../../../engine/actions/run-type.js';
import { ACTION_ARGS, typeToOpen } from '../../../../engine/actions/types/index.js';
import { TableBytes } from '../../../../adapters/uploads/table-bytes.js';
import { storeUpload } from '../../../../engine/uploads/uploads.js';
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
/** A text that shows a file of the payer. */
let showing: string;

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
  const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const store = { pool: fixture.pool, bytes: new TableBytes(fixture.pool) };
  const { id: file } = await storeUpload(store, { account: payer.id }, png);
  showing = `![x](/v1/uploads/${file}/bytes)`;
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

/** What each of them may be asked for, its smallest and its largest arguments first. A type that is registered and is not here fails. */
const ARGS: Readonly<Record<string, () => { examples: unknown[]; any: fc.Arbitrary<unknown> }>> = {
  ITEM_CREATE: () => ({
    examples: [
      { title: 'Small' },
      ...[
        { kind: 'link', url: `https://a.b/${'z'.repeat(2036)}` },
        { kind: 'poll', options: Array.from('abcdefghij', (letter) => letter.repeat(40)) },
        { kind: 'bounty', bountySats: 700_000 },
      ].map((kind) => ({
        ...{
          title: 'x'.repeat(80),
          text: `${'y'.repeat(90_000)} ${showing}`,
          boostSats: 1_000_000,
        },
        ...{ territories: ['a', 'b', 'c', 'd', 'e'], forwards: [{ name: 'author', percent: 100 }] },
        ...kind,
      })),
      { kind: 'comment', parentId: itemId, text: `c ${showing}` },
      { kind: 'comment', parentId: itemId, text: 'c'.repeat(10_000) },
    ],
    any: fc.record({
      title: fc.stringMatching(/^[a-z]{5,80}$/),
      text: fc.string({ unit: 'grapheme', maxLength: 200 }),
    }),
  }),
  ITEM_UPDATE: () => ({
    examples: [
      { itemId: ownItemId, boostSats: 1 },
      { itemId: ownItemId, boostSats: 1_000_000, title: 'y'.repeat(80), text: showing },
    ],
    any: fc.record({
      itemId: fc.constant(ownItemId),
      boostSats: fc.integer({ min: 1, max: 1_000 }),
    }),
  }),
  POLL_VOTE: () => ({ examples: [], any: fc.constant({ itemId: pollId, optionId }) }),
  DONATE: () => ({
    examples: [{ sats: 1 }, { sats: 1_000_000 }],
    any: fc.record({ sats: fc.integer({ min: 1, max: 1_000 }) }),
  }),
  TERRITORY_CREATE: () => ({
    examples: [
      { name: 'ab', billing: 'MONTHLY' },
      { name: 'x'.repeat(32), billing: 'ONCE', description: `${'d'.repeat(900)} ${showing}` },
    ],
    any: fc.record({ name: fc.stringMatching(/^[a-z]{5,20}$/), billing: fc.constant('ONCE') }),
  }),
  TERRITORY_UPDATE: () => ({
    examples: [
      {
        territory: 'valley',
        version: 1,
        billing: 'ONCE',
        description: `${'d'.repeat(900)} ${showing}`,
      },
    ],
    any: fc.record({
      ...{ territory: fc.constant('valley'), version: fc.constant(1) },
      billing: fc.constantFrom('YEARLY', 'ONCE'),
    }),
  }),
  TERRITORY_BILLING: () => ({ examples: [], any: fc.constant({ territory: 'due' }) }),
  TERRITORY_UNARCHIVE: () => ({
    examples: [{ territory: 'stopped', billing: 'ONCE', description: showing }],
    any: fc.record({
      ...{ territory: fc.constant('stopped'), billing: fc.constantFrom('MONTHLY', 'ONCE') },
    }),
  }),
  ZAP: () => ({
    examples: [
      { itemId, sats: 1 },
      { itemId, sats: 1_000_000 },
    ],
    any: fc.record({ itemId: fc.constant(itemId), sats: fc.integer({ min: 1, max: 1_000 }) }),
  }),
};

/** Tables of what belongs to an item. */
const PARTS_OF_ITEMS = ['item_forwards', 'poll_options'];

/** An action with those that are paid with it. */
async function family(action: Action): Promise<readonly Action[]> {
  const { rows } = await fixture.pool.query<{ id: string }>(
    'select id from actions where parent = $1',
    [action.id],
  );
  const children = await Promise.all(rows.map(({ id }) => loadAction(fixture.pool, id)));
  return [action, ...children];
}

/** Everything that is stored, but for what the action left to be seen by its author: that it failed. */
async function stored(
  tx: PoolClient,
  actions: readonly Action[],
): Promise<Readonly<Record<string, string>>> {
  const { rows } = await tx.query<{ name: string }>(
    `select table_name as name from information_schema.tables
     where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`,
  );
  const prints: Record<string, string> = {};
  for (const { name } of rows) {
    const own = actions.find(({ type }) => type.tables.includes(name));
    const failed = own
      ? `where not (t.action_id = '${own.id}' and t.state = 'FAILED')`
      : PARTS_OF_ITEMS.includes(name)
        ? `where not exists (select from items i where i.id = t.item_id and i.action_id = '${actions[0]?.id}' and i.state = 'FAILED')`
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
    const asked = ARGS[type];
    if (asked === undefined) throw new Error(`say in ARGS what ${type} may be asked for`);
    const { examples, any } = asked();
    let performed = 0;
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(any, fc.boolean(), async (args, anonymous) => {
        runs += 1;
        const caller = await callerOf(type, anonymous);
        const { view } = await fixture.open(caller, { type, args, payment: 'invoice' });
        const action = await loadAction(fixture.pool, view.id);
        const all = await family(action);
        await inVain(async (tx) => {
          // An optimistic one is performed already: its author is no concern here.
          for (const part of PARTS_OF_ITEMS) {
            await tx.query(
              `delete from ${part} where item_id in (select id from items where action_id = $1)`,
              [action.id],
            );
          }
          for (const { id, type: of } of all) {
            for (const table of of.tables) {
              await tx.query(`delete from ${table} where action_id = $1`, [id]);
            }
          }
          const before = await stored(tx, all);
          await perform(tx, action, 1);
          const after = await stored(tx, all);
          performed += Number(JSON.stringify(after) !== JSON.stringify(before));
          expect(await tryUndo(tx, action)).toBe(undefined);
          expect(await stored(tx, all)).toEqual(before);
        });
      }),
      { examples: examples.map((args) => [args, false]), numRuns: 6 + examples.length },
    );
    expect(performed).toBe(runs);
  });
});
