import type { ClientBase } from 'pg';
import { isoOfUs } from '../../domain/credits/time.js';
import { Refusal } from '../../domain/refusal.js';
import { historyRecord, refusalFor } from './history-rows.js';
import type { Operation } from './operation.js';
import type { PlannedDebit, PlannedRows } from './plan-rows.js';
import { writeStatement } from './write-operation-statement.js';

/**
 * Writes an operation's history rows, and its lots and drains for all addresses except the late ones, which a replay writes. The
 * accounts are locked. `merges`: grants that never expire merge into one lot. False when the rows exist already: nothing was written. Throws Refusal `credits.ref_taken` when only some
 * of them exist.
 */
export async function writeOperation(
  tx: ClientBase,
  { ledger, ref, atUs }: Pick<Operation, 'ledger' | 'ref' | 'atUs'>,
  { rows, debits }: PlannedRows,
  { late, merges }: { readonly late: ReadonlySet<string>; readonly merges: boolean },
): Promise<boolean> {
  const inOrder = debits.filter(({ row }) => !late.has(row.address));
  const shorts = shortfallsOf(inOrder);
  const drains = inOrder.flatMap(drainRecords);
  const grants = rows.filter(({ amount, address }) => amount > 0n && !late.has(address));
  const statement = writeStatement({
    drains: drains.length > 0,
    grants: grants.some(({ expiresUs }) => !merges || expiresUs !== null),
    merges: merges && grants.some(({ expiresUs }) => expiresUs === null),
    refunds: grants.some(({ refundOf }) => refundOf !== undefined),
    shortfalls: shorts.size > 0,
  });
  const records = rows.map((row) => ({
    ...historyRecord(row),
    ...(late.has(row.address) ? { late: true } : {}),
    ...(shorts.has(row.index) ? { short: shorts.get(row.index) } : {}),
  }));
  const values = [ledger, ref, isoOfUs(atUs), JSON.stringify(records)];
  if (drains.length > 0) values.push(JSON.stringify(drains));
  const { rows: results } = await tx
    .query<{ written: bigint; lotsMatched: boolean }>({ ...statement, values })
    .catch((error: unknown) => {
      throw refusalFor(error) ?? error;
    });
  const written = Number(results[0]?.written ?? 0n);
  if (written === 0) return false;
  if (written < rows.length) {
    throw new Refusal('credits.ref_taken', 'the reference has other rows');
  }
  if (results[0]?.lotsMatched !== true) {
    throw new Error('a lot changed after the drain was planned');
  }
  return true;
}

/** The uncovered amounts, by the index of the debit's row. */
function shortfallsOf(debits: readonly PlannedDebit[]): ReadonlyMap<number, string> {
  const shorts = new Map<number, string>();
  for (const { row, slices } of debits) {
    const short = slices.reduce((left, { amount }) => left - amount, -row.amount);
    if (short > 0n) shorts.set(row.index, short.toString());
  }
  return shorts;
}

function drainRecords({ row, slices }: PlannedDebit): object[] {
  return slices.map(({ lot, expiresUs, amount }) => ({
    address: row.address,
    debit_index: row.index,
    lot_ref: lot.ref,
    lot_index: lot.index,
    amount: amount.toString(),
    ...(expiresUs === null ? { never: true } : {}),
  }));
}
