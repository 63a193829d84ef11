import type { ClientBase } from 'pg';
import type { EntryKey, LedgerName } from '../../domain/credits/lot.js';
import type { DrainOrder } from '../../domain/credits/order.js';
import type { DrainPolicy } from '../../domain/credits/policy.js';
import type { Us } from '../../domain/credits/time.js';

/** An address whose row is locked: nobody else changes its lots until the transaction ends. */
export interface CreditAccount {
  readonly address: string;
  /** All that was ever given. */
  readonly granted: bigint;
  /** The newest debit. */
  readonly debit: (EntryKey & { readonly atUs: Us }) | null;
  /** The newest expiry that was acted upon. */
  readonly expiredUs: Us | null;
}

interface AccountRow {
  readonly address: string;
  readonly granted: bigint;
  readonly debitUs: Us | null;
  readonly debitRef: string | null;
  readonly debitIndex: number | null;
  readonly expiredUs: Us | null;
}

// Locks all or none: waiting for a row of its own while holding others out of order is what deadlocks are made of.
const LOCK = `
  select address, granted, to_us(debit_at) as "debitUs", debit_ref as "debitRef", debit_index as "debitIndex",
    to_us(expired_at) as "expiredUs"
  from credit_accounts where ledger = $1 and address = any($2::text[])
    and (select count(*) from credit_accounts where ledger = $1 and address = any($2::text[])) = cardinality($2::text[])
  order by address for no key update`;

const INSERT = `
  insert into credit_accounts (ledger, address)
  select $1, address from unnest($2::text[]) address order by address collate "C" on conflict do nothing`;

/**
 * Locks the addresses' rows in their order, as everything that writes credits does first; rows that are missing are made, all of
 * them before the first is locked.
 */
export async function lockCreditAccounts(
  tx: ClientBase,
  ledger: LedgerName,
  addresses: Iterable<string>,
): Promise<ReadonlyMap<string, CreditAccount>> {
  const wanted = [...new Set(addresses)];
  let { rows } = await tx.query<AccountRow>(LOCK, [ledger, wanted]);
  if (rows.length < wanted.length) {
    await tx.query(INSERT, [ledger, wanted]);
    ({ rows } = await tx.query<AccountRow>(LOCK, [ledger, wanted]));
  }
  if (rows.length < wanted.length) throw new Error('a credit account vanished');
  return new Map(rows.map((row) => [row.address, accountOf(row)]));
}

function accountOf({ debitUs, debitRef, debitIndex, ...row }: AccountRow): CreditAccount {
  const { address, granted, expiredUs } = row;
  if (debitUs === null || debitRef === null || debitIndex === null) {
    return { address, granted, debit: null, expiredUs };
  }
  const debit = { atUs: debitUs, ref: debitRef, index: debitIndex };
  return { address, granted, debit, expiredUs };
}

/** What holds for an operation, read once its accounts are locked. */
export interface OperationContext {
  /** Rows of this reference are there: it was done before. */
  readonly known: boolean;
  readonly nowUs: Us;
  readonly policies: readonly DrainPolicy[];
}

export async function readContext(
  tx: ClientBase,
  ledger: LedgerName,
  ref: string | null,
): Promise<OperationContext> {
  const { rows } = await tx.query<{
    known: boolean;
    now: Us;
    starts: (Us | null)[];
    orders: DrainOrder[];
  }>(
    `select exists (select from credit_history where ledger = $1 and credit_ref = $2) as known,
       to_us(clock_timestamp()) as now,
       array_agg(case when isfinite(from_at) then to_us(from_at) end order by from_at) as starts,
       array_agg(drain_order order by from_at) as orders
     from credit_policies where ledger = $1`,
    [ledger, ref],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`there is no ledger ${ledger}`);
  const policies = row.orders.map((order, i) => ({ order, fromUs: row.starts[i] ?? null }));
  return { known: row.known, nowUs: row.now, policies };
}

/**
 * Locks the addresses and gives a moment that is now and after everything that was ever done to them: in a ledger whose times are
 * all such moments nothing is ever late, even if the clock is set back.
 */
export async function lockMoment(
  tx: ClientBase,
  ledger: LedgerName,
  addresses: Iterable<string>,
): Promise<Us> {
  const accounts = await lockCreditAccounts(tx, ledger, addresses);
  const { nowUs } = await readContext(tx, ledger, null);
  let moment = nowUs;
  for (const { debit, expiredUs } of accounts.values()) {
    for (const before of [debit?.atUs ?? 0n, expiredUs ?? 0n]) {
      if (before >= moment) moment = before + 1n;
    }
  }
  return moment;
}
