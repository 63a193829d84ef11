import type { ClientBase } from 'pg';
import { isoOfUs } from '../../domain/credits/time.js';
import { Refusal } from '../../domain/refusal.js';
import { historyRecord, refusalFor } from './history-rows.js';
import type { Operation } from './operation.js';
import type { NumberedDebit, PlannedRows } from './plan-operation.js';
import { writeStatement } from './write-statement.js';

/**
 * Writes an operation's rows, and what follows from them for all addresses but the late ones, whose accounts are locked like the
 * others'. False when the rows are there already: then nothing was done. Throws Refusal `credits.ref_taken` when only some are.
 */
export async function writeOperation(
  tx: ClientBase,
  { ledger, ref, atUs }: Pick<Operation, 'ledger' | 'ref' | 'atUs'>,
  { rows, debits }: PlannedRows,
  late: ReadonlySet<string>,
): Promise<boolean> {
  const inOrder = debits.filter(({ row }) => !late.has(row.address));
  const shorts = shortfallsOf(inOrder);
  const drains = inOrder.flatMap(drainRecords);
  const given = rows.filter(({ amount, address }) => amount > 0n && !late.has(address));
  const statement = writeStatement({
    drains: drains.length > 0,
    gives: given.length > 0,
    goesBack: given.some(({ refundOf }) => refundOf !== undefined),
    fallsShort: shorts.size > 0,
  });
  const records = rows.map((row) => ({
    ...historyRecord(row),
    ...(late.has(row.address) ? { late: true } : {}),
    ...(shorts.has(row.index) ? { short: shorts.get(row.index) } : {}),
  }));
  const values = [ledger, ref, isoOfUs(atUs), JSON.stringify(records)];
  if (drains.length > 0) values.push(JSON.stringify(drains));
  const { rows: told } = await tx
    .query<{ written: bigint; agreed: boolean }>({ ...statement, values })
    .catch((error: unknown) => {
      throw refusalFor(error) ?? error;
    });
  const written = Number(told[0]?.written ?? 0n);
  if (written === 0) return false;
  if (written < rows.length) {
    throw new Refusal('credits.ref_taken', 'some rows of this reference are others');
  }
  if (told[0]?.agreed !== true) {
    throw new Error('a lot is not what it was when the drain was planned');
  }
  return true;
}

/** What no lot was left for, by the index of the debit. */
function shortfallsOf(debits: readonly NumberedDebit[]): ReadonlyMap<number, string> {
  const shorts = new Map<number, string>();
  for (const { row, slices } of debits) {
    const short = slices.reduce((left, { amount }) => left - amount, -row.amount);
    if (short > 0n) shorts.set(row.index, short.toString());
  }
  return shorts;
}

function drainRecords({ row, slices }: NumberedDebit): object[] {
  return slices.map(({ lot, amount }) => ({
    address: row.address,
    debit_index: row.index,
    lot_ref: lot.ref,
    lot_index: lot.index,
    amount: amount.toString(),
  }));
}
