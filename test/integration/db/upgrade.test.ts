import type { QueryResultRow } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from '../../../db/migrate.js';
import { transact } from '../../../engine/context.js';
import { confirmOrder, findTransmitted } from '../../../engine/transmissions/apply-confirmation.js';
import { REGION_NUMBERS } from '../../../domain/transmissions/regions.js';
import { AT_REST_GRACE_SECONDS, runChecks } from '../../../services/cli/doctor/run-checks.js';
import { inTimeChecks } from '../../../services/cli/doctor/checks/in-time.js';
import { DEVELOPMENT_SECRET } from '../../../services/shared/config/keys-servers.js';
import { brokenRules } from '../../support/books.js';
import { testPool } from '../../support/empty-database.js';
import { ActionFixture } from '../engine/actions/fixture.helper.js';
import {
  type Books,
  differingBalances,
  filledDatabase,
  readBooks,
} from './filled-database.helper.js';
import { makeCalls, runSwept } from './upgraded.helper.js';

let upgraded: ActionFixture;
let before: Books;
let differedBefore: string[];

/** The tests go on from each other: what the earlier release left is taken up, paid and sent. */
beforeAll(async () => {
  const database = await filledDatabase();
  const pool = testPool(database.url, 2);
  before = await readBooks(pool);
  differedBefore = await differingBalances(pool);
  await pool.end();
  await migrate({ connectionString: database.url });
  upgraded = await ActionFixture.on(database, { secret: DEVELOPMENT_SECRET });
});
afterAll(() => upgraded.close());

async function rowsOf<R extends QueryResultRow>(sql: string, values: unknown[] = []): Promise<R[]> {
  return (await upgraded.pool.query<R>(sql, values)).rows;
}

/** Ids of attempts, or of orders, in a state. */
async function attemptsIn(...states: string[]): Promise<string[]> {
  const sql = `select action_id || '/' || attempt as id from attempts where state = any($1) order by 1`;
  return (await rowsOf<{ id: string }>(sql, [states])).map(({ id }) => id);
}
async function ordersIn(...states: string[]): Promise<string[]> {
  const sql = 'select id::text as id from orders where state = any($1) order by 1';
  return (await rowsOf<{ id: string }>(sql, [states])).map(({ id }) => id);
}
async function statesOf(ids: readonly string[]): Promise<string[]> {
  const sql = `select distinct state from attempts where action_id || '/' || attempt = any($1) order by 1`;
  return (await rowsOf<{ state: string }>(sql, [ids])).map(({ state }) => state);
}

async function payOpenInvoices(of: 'action_id' | 'order_id'): Promise<void> {
  const open = await rowsOf<{ bolt11: string }>(
    `select bolt11 from invoices where state = 'open' and ${of} is not null order by created_at`,
  );
  for (const { bolt11 } of open) await upgraded.wallets.pay({ wallet: 'payer', bolt11 });
  await upgraded.deliver();
}

test('the database of before has every state that lasts, and adds up', () => {
  expect(differedBefore).toEqual([]);
  expect(Object.keys(before.attempts).sort()).toEqual(
    ['CANCELLING', 'FAILED', 'HELD', 'INVOICING', 'PAID', 'PENDING', 'PENDING_HELD'].sort(),
  );
  expect(Object.keys(before.orders).sort()).toEqual(
    [
      'cancelled',
      'confirming',
      'expired',
      'paid',
      'pending',
      'received',
      'sent',
      'transmitting',
    ].sort(),
  );
  expect(before.claimsMsat).toBeGreaterThan(0n);
});

test('nobody has more or less, no row has another state, and the doctor agrees', async () => {
  expect(await readBooks(upgraded.pool)).toEqual(before);
  expect(await differingBalances(upgraded.pool)).toEqual([]);
  const [owed] = await rowsOf<{ msat: bigint }>(
    `select sum(amount_msat)::bigint as msat from claims where state = 'open'`,
  );
  expect(owed?.msat).toBe(before.claimsMsat);
  expect(await brokenRules(upgraded.pool)).toEqual([]);
});

test('every open row has its plan, the time at which it is due, and the call that it needs', async () => {
  const unplanned = await rowsOf(
    `select action_id from attempts a where state not in ('PAID', 'FAILED') and (due_at is null or cost_msat is distinct from (
       select sum(planned_msat) from legs l where l.action_id = a.action_id and l.attempt = a.attempt and l.side = 'in'))
     union all
     select id from orders o where state in ('pending', 'paid', 'transmitting', 'confirming') and (due_at is null
       or not exists (select from legs l where l.order_id = o.id))`,
  );
  expect(unplanned).toEqual([]);
  const calls = await rowsOf<{ owner: string; kind: string }>(
    `select coalesce(a.state, 'order ' || o.state) as owner, b.kind from outbox b join invoices i on i.hash = b.subject
     left join attempts a on a.action_id = i.action_id and a.attempt = i.attempt left join orders o on o.id = i.order_id
     where b.destination = 'node' and b.published_at is null`,
  );
  const called = (owner: string): string[] =>
    calls.filter((call) => call.owner === owner).map(({ kind }) => kind);
  const each = (kind: string, count: bigint | undefined): string[] =>
    Array.from({ length: Number(count) }, () => kind);
  expect(called('HELD')).toEqual(each('settle_invoice', before.attempts['HELD']));
  expect(called('CANCELLING')).toEqual(each('cancel_invoice', before.attempts['CANCELLING']));
  expect(called('INVOICING')).toEqual(each('create_invoice', before.attempts['INVOICING']));
  expect(called('order expired')).toEqual(['cancel_invoice']);
  expect(called('order pending')).toEqual([]);
  expect(called('PENDING')).toEqual([]);
  expect(called('PENDING_HELD')).toEqual([]);
});

test('the calls that are due settle what is held, close what is being cancelled and create invoices', async () => {
  const held = await attemptsIn('HELD');
  const cancelling = await attemptsIn('CANCELLING');
  const invoicing = await attemptsIn('INVOICING');
  expect((await makeCalls(upgraded)).slice(0, held.length)).toEqual(
    held.map(() => 'settle_invoice'),
  );
  expect(await statesOf(held)).toEqual(['PAID']);
  expect(await statesOf(cancelling)).toEqual(['FAILED']);
  expect(await statesOf(invoicing)).toEqual(['PENDING', 'PENDING_HELD']);
  expect(await rowsOf(`select hash from invoices where state = 'wanted'`)).toEqual([]);
  expect(await makeCalls(upgraded)).toEqual([]);
  expect(await brokenRules(upgraded.pool)).toEqual([]);
});

test('what the sweep takes up waits for its time, and closes nothing that may still be paid', async () => {
  const payable = await attemptsIn('PENDING', 'PENDING_HELD');
  const waiting = await runSwept(upgraded);
  expect(await attemptsIn('PENDING', 'PENDING_HELD')).toEqual(expect.arrayContaining(payable));
  // None is looked at again and again.
  expect(waiting.filter(({ waitMs }) => waitMs !== null && waitMs < 1000)).toEqual([]);
  expect(await runSwept(upgraded)).toEqual([]);
  expect(await brokenRules(upgraded.pool)).toEqual([]);
});

test('what was paid at the node meanwhile counts, and old events change nothing', async () => {
  const [paidAtNode] = await rowsOf<{ ids: string[] }>(
    `select array_agg(i.action_id || '/' || i.attempt) as ids from invoices i join lightning_sim.invoices s using (hash)
     where i.state = 'open' and s.state in ('settled', 'held')`,
  );
  const ids = paidAtNode?.ids ?? [];
  expect(ids).toHaveLength(2);
  const paid = await attemptsIn('PAID');
  await upgraded.deliver();
  expect(await statesOf(ids)).toEqual(['HELD', 'PAID']);
  expect(await makeCalls(upgraded)).toEqual(['settle_invoice']);
  expect(await attemptsIn('PAID')).toEqual([...paid, ...ids].sort());
  expect(await brokenRules(upgraded.pool)).toEqual([]);
});

test('what waits for payment is paid, held first where its invoice says so', async () => {
  const ordinary = await attemptsIn('PENDING');
  const hold = await attemptsIn('PENDING_HELD');
  await payOpenInvoices('action_id');
  expect(await statesOf(ordinary)).toEqual(['PAID']);
  expect(await attemptsIn('HELD')).toEqual(hold);
  await makeCalls(upgraded);
  expect(await statesOf(hold)).toEqual(['PAID']);
  expect(await attemptsIn('PENDING', 'PENDING_HELD', 'HELD', 'CANCELLING', 'INVOICING')).toEqual(
    [],
  );
  expect(await brokenRules(upgraded.pool)).toEqual([]);
});

test('paid orders are sent one after the other, and what is paid for them is revenue then', async () => {
  const { pool, engine } = upgraded;
  await payOpenInvoices('order_id');
  expect(await ordersIn('pending')).toEqual([]);
  for (;;) {
    const [next] = await rowsOf<{ n: number }>(
      `select tx_seq_num as n from orders where state in ('transmitting', 'confirming') order by state desc limit 1`,
    );
    if (next === undefined) break;
    for (const kind of ['tx', 'rx'] as const) {
      const confirmation = { kind, regions: REGION_NUMBERS };
      await transact(engine, async (tx) =>
        confirmOrder(tx, await findTransmitted(tx, { txSeqNum: next.n }), confirmation),
      );
    }
  }
  expect(await ordersIn('pending', 'paid', 'transmitting', 'confirming')).toEqual([]);
  expect(await brokenRules(pool)).toEqual([]);
});

test('at the end nothing is open or due', async () => {
  await upgraded.pool.query(
    'update outbox set published_at = clock_timestamp() where published_at is null',
  );
  // A relay does them.
  await upgraded.pool.query(
    `update effects set done_at = clock_timestamp() where done_at is null and kind like 'after_%'`,
  );
  const settings = { outboxKeepHours: 24, graceSeconds: AT_REST_GRACE_SECONDS };
  const findings = await runChecks(upgraded.pool, inTimeChecks, settings);
  expect(findings.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
});
