import type { ClientBase } from 'pg';
import { drainLots, type Slice } from '../../domain/credits/drain.js';
import { groupBy } from '../../domain/credits/group-by.js';
import { keyText } from '../../domain/credits/lot.js';
import { byHistory } from '../../domain/credits/order.js';
import { drainOrderAt } from '../../domain/credits/policy.js';
import { replay } from '../../domain/credits/replay.js';
import { isoOfUs } from '../../domain/credits/time.js';
import { MAX_AMOUNT } from '../../domain/credits/units.js';
import { Refusal } from '../../domain/refusal.js';
import {
  type CreditAccount,
  lockCreditAccounts,
  type OperationContext,
  readContext,
} from './accounts.js';
import { insertShortfalls, takeFromLots } from './drain-rows.js';
import { type HistoryRow, insertHistory } from './history-rows.js';
import { insertLots, readNeededLots } from './lot-rows.js';
import { addressesOf, checkParts, type Demand, demandsOf, type Operation } from './operation.js';
import { type PlannedRows, planRows } from './plan-operation.js';
import { projectAddress } from './project-address.js';
import { readHistoryOf } from './read-projection.js';

export interface Applied {
  /** It had been done before: nothing was changed now. */
  readonly replayed: boolean;
  readonly rows: readonly HistoryRow[];
}

/**
 * Does an operation at its instant, whole or not at all: check and drain under the locks of its accounts. What is dated before
 * something that was drained already is put in its place by replaying those addresses. Throws Refusal, with nothing changed once
 * the transaction is rolled back.
 */
export async function applyOperation(tx: ClientBase, operation: Operation): Promise<Applied> {
  checkParts(operation);
  const { ledger, ref, parts } = operation;
  const accounts = await lockCreditAccounts(tx, ledger, addressesOf(parts));
  const context = await readContext(tx, ledger, ref);
  if (context.known) return { replayed: true, rows: [] };
  const late = new Set<string>();
  const takings = await planTakings(tx, operation, accounts, context, late);
  const planned = planRows(operation, takings);
  checkTotals(accounts, planned.rows);
  if (!(await insertHistory(tx, ledger, planned.rows))) return { replayed: true, rows: [] };
  for (const row of planned.rows) {
    const replays = row.refundOf !== undefined || isLateGrant(accounts.get(row.address), row);
    if (row.amount > 0n && replays) late.add(row.address);
  }
  await storeInOrder(tx, operation, planned, late);
  for (const address of late) {
    await projectAddress(tx, ledger, address, context.policies, { refuseUncovered: true });
  }
  return { replayed: false, rows: planned.rows };
}

/** Slices of every demand. Adds to `late` the addresses whose debits are dated before others. */
async function planTakings(
  tx: ClientBase,
  operation: Operation,
  accounts: ReadonlyMap<string, CreditAccount>,
  context: OperationContext,
  late: Set<string>,
): Promise<Map<string, readonly Slice[]>> {
  const { ledger, atUs } = operation;
  const byAddress = groupBy(demandsOf(operation), ({ address }) => address);
  for (const [address, [first]] of byAddress) {
    if (first && isLateDebit(accounts.get(address), operation, first)) late.add(address);
  }
  const needs = new Map<string, bigint>();
  for (const [address, demands] of byAddress) {
    if (late.has(address)) continue;
    needs.set(
      address,
      demands.reduce((sum, { part }) => sum + part.amount, 0n),
    );
  }
  const order = drainOrderAt(context.policies, atUs);
  const lots = await readNeededLots(tx, ledger, needs, atUs, order);
  const takings = new Map<string, readonly Slice[]>();
  for (const [address, demands] of byAddress) {
    const drained = late.has(address)
      ? await drainInThePast(tx, operation, address, demands, context)
      : drainLots(
          lots.get(address) ?? [],
          demands.map(({ part }) => part.amount),
        );
    for (const [i, demand] of demands.entries()) {
      const { slices = [], short = 0n } = drained[i] ?? {};
      refuseShort(operation, demand, short);
      takings.set(keyText(demand.key), slices);
    }
  }
  return takings;
}

/** What debits would have taken at a time before others that were drained already. */
async function drainInThePast(
  tx: ClientBase,
  { ledger, atUs }: Operation,
  address: string,
  demands: readonly Demand[],
  { policies }: OperationContext,
): Promise<readonly { slices: readonly Slice[]; short: bigint }[]> {
  const history = await readHistoryOf(tx, ledger, address);
  const entries = demands.map(({ key, part }) => ({
    ...key,
    atUs,
    amount: -part.amount,
    expiresUs: null,
    refundOf: null,
  }));
  const { drains } = replay([...history, ...entries], policies);
  const own = groupBy(drains, ({ debit }) => keyText(debit));
  return demands.map(({ key, part }) => {
    const slices = own.get(keyText(key)) ?? [];
    return { slices, short: slices.reduce((left, { amount }) => left - amount, part.amount) };
  });
}

function refuseShort({ ledger, atUs }: Operation, { part, address }: Demand, short: bigint): void {
  if (short === 0n || (part.kind === 'take' && !part.covered)) return;
  throw new Refusal(
    'credits.insufficient_balance',
    `${address} lacks ${short} of ${part.amount} in ledger ${ledger} at ${isoOfUs(atUs)}`,
  );
}

function isLateDebit(
  account: CreditAccount | undefined,
  { atUs }: Operation,
  { key, part }: Demand,
): boolean {
  if (account === undefined) return false;
  if (account.expiredUs !== null && atUs < account.expiredUs) return true;
  const { debit } = account;
  return debit !== null && byHistory({ ...key, atUs, amount: -part.amount }, taken(debit)) < 0;
}

/** A grant counts before the debits of its instant. */
function isLateGrant(account: CreditAccount | undefined, row: HistoryRow): boolean {
  const debit = account?.debit ?? null;
  return debit !== null && byHistory(row, taken(debit)) < 0;
}

function taken<T>(debit: T): T & { readonly amount: bigint } {
  return { ...debit, amount: -1n };
}

/** So that sums over an address always fit what they are told in. */
function checkTotals(
  accounts: ReadonlyMap<string, CreditAccount>,
  rows: readonly HistoryRow[],
): void {
  const totals = new Map<string, bigint>();
  for (const { address, amount } of rows) {
    if (amount < 0n) continue;
    const total = (totals.get(address) ?? accounts.get(address)?.granted ?? 0n) + amount;
    if (total > MAX_AMOUNT) {
      throw new Refusal('credits.amount_too_large', `${address} would have been given too much`);
    }
    totals.set(address, total);
  }
}

/** Stores what follows for the addresses that need no replay. */
async function storeInOrder(
  tx: ClientBase,
  { ledger, atUs }: Operation,
  { rows, debits }: PlannedRows,
  late: ReadonlySet<string>,
): Promise<void> {
  const inOrder = debits.filter(({ row }) => !late.has(row.address));
  await takeFromLots(
    tx,
    ledger,
    inOrder.flatMap(({ row, slices }) =>
      slices.map(({ lot, amount }) => ({ address: row.address, debit: row, lot, amount })),
    ),
  );
  const shorts = inOrder.map(({ row, slices }) => ({
    address: row.address,
    debit: row,
    amount: slices.reduce((left, { amount }) => left - amount, -row.amount),
  }));
  await insertShortfalls(
    tx,
    ledger,
    shorts.filter(({ amount }) => amount > 0n),
  );
  const given = rows.filter(({ amount, address }) => amount > 0n && !late.has(address));
  await insertLots(
    tx,
    ledger,
    given.map((row) => ({ ...row, grantedUs: row.atUs })),
  );
  await moveAccounts(tx, ledger, isoOfUs(atUs), rows);
}

/** The totals and newest debits of the accounts. */
async function moveAccounts(
  tx: ClientBase,
  ledger: string,
  at: string,
  rows: readonly HistoryRow[],
): Promise<void> {
  await tx.query(
    `with sums as (
       select address, coalesce(sum(amount) filter (where amount > 0), 0)::bigint as granted,
         max(index) filter (where amount < 0) as debit_index, max(ref) as ref
       from unnest($2::text[], $3::bigint[], $4::integer[], $5::text[]) as r(address, amount, index, ref) group by address)
     update credit_accounts a set granted = a.granted + s.granted,
       debit_at = case when s.debit_index is null then a.debit_at else $6::timestamptz end,
       debit_ref = case when s.debit_index is null then a.debit_ref else s.ref end,
       debit_index = case when s.debit_index is null then a.debit_index else s.debit_index end
     from sums s where a.ledger = $1 and a.address = s.address`,
    [
      ledger,
      rows.map(({ address }) => address),
      rows.map(({ amount }) => amount),
      rows.map(({ index }) => index),
      rows.map(({ ref }) => ref),
      at,
    ],
  );
}
