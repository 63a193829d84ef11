import { type ClientBase, DatabaseError } from 'pg';
import type { EntryKey, LedgerName } from '../../domain/credits/lot.js';
import { isoOfUs, type Us } from '../../domain/credits/time.js';
import { Refusal } from '../../domain/refusal.js';

/** What a row says beside its amount; what is left out is NULL. */
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

/** The drain that a refund gives back. */
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

const COLUMNS = `credit_ref, credit_index, address, amount, at, expires_at, price, bonus_amount, tx_hash, token, chain, provider,
  origin, origin_ref, payment_method, expense_count, expense_size_mib, refund_debit_ref, refund_debit_index, refund_lot_ref,
  refund_lot_index`;

const INSERT = `
  insert into credit_history (ledger, ${COLUMNS})
  select $1, ${COLUMNS} from jsonb_to_recordset($2) as r(
    credit_ref text, credit_index integer, address text, amount bigint, at timestamptz, expires_at timestamptz, price numeric,
    bonus_amount bigint, tx_hash text, token text, chain text, provider text, origin text, origin_ref text, payment_method text,
    expense_count bigint, expense_size_mib numeric, refund_debit_ref text, refund_debit_index integer, refund_lot_ref text,
    refund_lot_index integer)
  on conflict (ledger, credit_ref, credit_index) do nothing`;

/**
 * Writes an operation's rows, before anything that follows from them. False when they are there already: then nothing else may be
 * done. Throws Refusal `credits.ref_taken` when only some are.
 */
export async function insertHistory(
  tx: ClientBase,
  ledger: LedgerName,
  rows: readonly HistoryRow[],
): Promise<boolean> {
  try {
    const { rowCount } = await tx.query(INSERT, [ledger, JSON.stringify(rows.map(recordOf))]);
    if (rowCount === rows.length) return true;
    if (rowCount === 0) return false;
    throw new Refusal('credits.ref_taken', 'some rows of this reference are others');
  } catch (error) {
    throw refusalFor(error) ?? error;
  }
}

function refusalFor(error: unknown): Refusal | undefined {
  if (!(error instanceof DatabaseError)) return undefined;
  if (error.code === '22003') {
    return new Refusal('credits.amount_too_large', 'a number is larger than can be kept');
  }
  return error.constraint?.startsWith('credit_history_ledger_refund') === true
    ? new Refusal('credits.ref_taken', 'this drain was given back before')
    : undefined;
}

/** Empty texts become NULL, as at the peer. Amounts go as text: JSON numbers are not exact. */
function recordOf(row: HistoryRow): Readonly<Record<string, string | number | null>> {
  const { detail, refundOf } = row;
  return {
    credit_ref: row.ref,
    credit_index: row.index,
    address: row.address,
    amount: row.amount.toString(),
    at: isoOfUs(row.atUs),
    expires_at: row.expiresUs === null ? null : isoOfUs(row.expiresUs),
    price: detail.price ?? null,
    bonus_amount: detail.bonusAmount?.toString() ?? null,
    tx_hash: filled(detail.txHash),
    token: filled(detail.token),
    chain: filled(detail.chain),
    provider: filled(detail.provider),
    origin: filled(detail.origin),
    origin_ref: filled(detail.originRef),
    payment_method: filled(detail.paymentMethod),
    expense_count: detail.expenseCount?.toString() ?? null,
    expense_size_mib: detail.expenseSizeMib ?? null,
    refund_debit_ref: refundOf?.debit.ref ?? null,
    refund_debit_index: refundOf?.debit.index ?? null,
    refund_lot_ref: refundOf?.lot.ref ?? null,
    refund_lot_index: refundOf?.lot.index ?? null,
  };
}

function filled(text: string | null | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}
