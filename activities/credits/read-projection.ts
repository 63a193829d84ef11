import type { ClientBase } from 'pg';
import type { EntryKey, LedgerName } from '../../domain/credits/lot.js';
import type { HistoryEntry } from '../../domain/credits/replay.js';
import type { Us } from '../../domain/credits/time.js';

/** A row of the history with what decides whether its debit has to be covered. */
export type ReplayRow = HistoryEntry & { readonly paymentMethod: string | null };

export async function readHistoryOf(
  tx: ClientBase,
  ledger: LedgerName,
  address: string,
): Promise<readonly ReplayRow[]> {
  const { rows } = await tx.query<
    Omit<ReplayRow, 'refundOf'> & { lotRef: string | null; lotIndex: number | null }
  >(
    `select credit_ref as ref, credit_index as index, amount, to_us(at) as "atUs", to_us(expires_at) as "expiresUs",
       refund_lot_ref as "lotRef", refund_lot_index as "lotIndex", payment_method as "paymentMethod"
     from credit_history where ledger = $1 and address = $2 order by at, credit_ref, credit_index`,
    [ledger, address],
  );
  return rows.map(({ lotRef, lotIndex, ...row }) => ({
    ...row,
    refundOf: lotRef === null || lotIndex === null ? null : { ref: lotRef, index: lotIndex },
  }));
}

/** A lot as it is stored: among the live ones, or over with what was left when it expired. */
export interface StoredLot extends EntryKey {
  readonly place: 'live' | 'past';
  readonly amount: bigint;
  readonly left: bigint;
  readonly grantedUs: Us;
  readonly expiresUs: Us | null;
}

export interface StoredDrain {
  readonly debit: EntryKey;
  readonly lot: EntryKey;
  readonly amount: bigint;
}

/** What is stored of an address, or what should be. */
export interface Stored {
  readonly lots: readonly StoredLot[];
  readonly drains: readonly StoredDrain[];
  readonly shortfalls: readonly { readonly debit: EntryKey; readonly amount: bigint }[];
}

export async function readStored(
  tx: ClientBase,
  ledger: LedgerName,
  address: string,
): Promise<Stored> {
  const lots = await tx.query<StoredLot>(
    `select 'live' as place, credit_ref as ref, credit_index as index, amount, remaining as left,
       to_us(granted_at) as "grantedUs", to_us(expires_at) as "expiresUs"
     from credit_lots where ledger = $1 and address = $2
     union all
     select 'past', credit_ref, credit_index, amount, expired, to_us(granted_at), to_us(expires_at)
     from credit_past_lots where ledger = $1 and address = $2`,
    [ledger, address],
  );
  const drains = await tx.query<{
    debitRef: string;
    debitIndex: number;
    lotRef: string;
    lotIndex: number;
    amount: bigint;
  }>(
    `select debit_ref as "debitRef", debit_index as "debitIndex", lot_ref as "lotRef", lot_index as "lotIndex", amount
     from credit_drains where ledger = $1 and address = $2`,
    [ledger, address],
  );
  const shortfalls = await tx.query<EntryKey & { amount: bigint }>(
    `select debit_ref as ref, debit_index as index, amount from credit_shortfalls where ledger = $1 and address = $2`,
    [ledger, address],
  );
  return {
    lots: lots.rows,
    drains: drains.rows.map((row) => ({
      debit: { ref: row.debitRef, index: row.debitIndex },
      lot: { ref: row.lotRef, index: row.lotIndex },
      amount: row.amount,
    })),
    shortfalls: shortfalls.rows.map(({ ref, index, amount }) => ({
      debit: { ref, index },
      amount,
    })),
  };
}
