import { type ClientBase, DatabaseError } from 'pg';
import type { EntryKey, LedgerName } from '../../domain/credits/lot.js';
import { isoOfUs, type Us } from '../../domain/credits/time.js';
import { Refusal } from '../../domain/refusal.js';

/** The descriptive columns of a row; what is left out is NULL. */
export interface RowDetail {
  readonly price?: string | null;
  readonly bonusAmount?: bigint | null;
  readonly txHash?: string | null;
  readonly token?: string | null;
  readonly chain?: string | null;
  readonly provider?: string | null;
  readonly origin?: string | null;
  readonly originRef?: string | null;
  readonly paymentMethod?: string | null;
  readonly expenseCount?: bigint | null;
  readonly expenseSizeMib?: string | null;
}

/** The drain that a refund reverses. */
export interface RefundOf {
  readonly debit: EntryKey;
  readonly lot: EntryKey;
}

export interface HistoryRow extends EntryKey {
  readonly address: string;
  readonly amount: bigint;
  readonly atUs: Us;
  readonly expiresUs: Us | null;
  readonly detail: RowDetail;
  readonly refundOf?: RefundOf;
}

/** Columns whose values differ between the rows of an operation, and their types. */
const COLUMNS = {
  credit_index: 'integer',
  address: 'text',
  amount: 'bigint',
  expires_at: 'timestamptz',
  price: 'numeric',
  bonus_amount: 'bigint',
  tx_hash: 'text',
  token: 'text',
  chain: 'text',
  provider: 'text',
  origin: 'text',
  origin_ref: 'text',
  payment_method: 'text',
  expense_count: 'bigint',
  expense_size_mib: 'numeric',
  refund_debit_ref: 'text',
  refund_debit_index: 'integer',
  refund_lot_ref: 'text',
  refund_lot_index: 'integer',
} as const;

export const HISTORY_COLUMNS = Object.keys(COLUMNS).join(', ');
/** The column definitions for `jsonb_to_recordset`. */
export const HISTORY_RECORD = Object.entries(COLUMNS)
  .map(([name, type]) => `${name} ${type}`)
  .join(', ');

const INSERT = `
  insert into credit_history (ledger, credit_ref, at, ${HISTORY_COLUMNS})
  select $1, credit_ref, at, ${HISTORY_COLUMNS}
  from jsonb_to_recordset($2) as r(credit_ref text, at timestamptz, ${HISTORY_RECORD})`;

/** Writes history rows only; a rebuild has to create their lots. */
export async function insertHistory(
  tx: ClientBase,
  ledger: LedgerName,
  rows: readonly HistoryRow[],
): Promise<void> {
  const records = rows.map((row) => ({
    credit_ref: row.ref,
    at: isoOfUs(row.atUs),
    ...historyRecord(row),
  }));
  await tx.query(INSERT, [ledger, JSON.stringify(records)]);
}

/** The refusal for a row that the schema does not accept; undefined for other errors. */
export function refusalFor(error: unknown): Refusal | undefined {
  if (!(error instanceof DatabaseError)) return undefined;
  if (error.code === '22003') {
    return new Refusal('credits.amount_too_large', 'a number is too large to store');
  }
  return error.constraint?.startsWith('credit_history_ledger_refund') === true
    ? new Refusal('credits.ref_taken', 'this drain was refunded before')
    : undefined;
}

/**
 * A row as JSON, without its reference, its time and NULL columns. Empty texts become NULL, as at the peer. Amounts are text, since
 * JSON numbers are not exact.
 */
export function historyRecord(row: HistoryRow): Readonly<Record<string, string | number>> {
  const { detail, refundOf } = row;
  const record: Record<string, string | number> = {
    credit_index: row.index,
    address: row.address,
    amount: row.amount.toString(),
  };
  const set = (column: keyof typeof COLUMNS, value: string | number | null | undefined): void => {
    if (value !== null && value !== undefined && value !== '') record[column] = value;
  };
  set('expires_at', row.expiresUs === null ? null : isoOfUs(row.expiresUs));
  set('price', detail.price);
  set('bonus_amount', detail.bonusAmount?.toString());
  set('tx_hash', detail.txHash);
  set('token', detail.token);
  set('chain', detail.chain);
  set('provider', detail.provider);
  set('origin', detail.origin);
  set('origin_ref', detail.originRef);
  set('payment_method', detail.paymentMethod);
  set('expense_count', detail.expenseCount?.toString());
  set('expense_size_mib', detail.expenseSizeMib);
  set('refund_debit_ref', refundOf?.debit.ref);
  set('refund_debit_index', refundOf?.debit.index);
  set('refund_lot_ref', refundOf?.lot.ref);
  set('refund_lot_index', refundOf?.lot.index);
  return record;
}
