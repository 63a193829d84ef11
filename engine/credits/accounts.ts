import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { DrainPolicy } from '../../domain/credits/drain-policy.js';
import type { EntryKey, LedgerName } from '../../domain/credits/lot.js';
import type { LedgerRules } from '../../domain/credits/rules.js';
import type { Us } from '../../domain/credits/time.js';

/** An address whose row is locked: its lots cannot change until the transaction ends. */
export interface CreditAccount {
  readonly address: string;
  /** The sum of all grants. */
  readonly granted: bigint;
  /** The newest debit. */
  readonly debit: (EntryKey & { readonly atUs: Us }) | null;
  /** The newest expiry that was processed. */
  readonly expiredUs: Us | null;
  /** The time of the newest refund. */
  readonly returnedUs: Us | null;
  /** The time of the newest grant that never expires, in a ledger that merges them: the lots do not say what came when. */
  readonly mergedUs: Us | null;
}

/** Locked accounts, and what an operation on them needs to know. */
export interface LockedAccounts {
  readonly accounts: ReadonlyMap<string, CreditAccount>;
  /** See {@link NEXT_INSTANT}: the latest of all the accounts. */
  readonly nextUs: Us;
  readonly rules: LedgerRules;
  /** The history had rows of the reference when the lock statement began. Rows committed while it waited are not seen. */
  readonly known: boolean;
}

interface LockRow {
  readonly address: string;
  readonly granted: bigint;
  readonly debitUs: Us | null;
  readonly debitRef: string | null;
  readonly debitIndex: number | null;
  readonly expiredUs: Us | null;
  readonly returnedUs: Us | null;
  readonly mergedUs: Us | null;
  readonly nextUs: Us;
  /** JSON of {@link policyList}. */
  readonly policies: string | null;
  readonly mergesFromUs: Us | null;
  readonly known: boolean;
}

/**
 * SQL over rows of `credit_accounts`: an instant that is now and after everything that was done to the account. An operation
 * dated so is never late, even if the clock is set back.
 */
export const NEXT_INSTANT = `greatest(clock_timestamp(), debit_at + interval '1 us', expired_at + interval '1 us',
  returned_at + interval '1 us', merged_at + interval '1 us')`;

// Locks all rows or none: waiting for a missing row while holding others out of order would cause deadlocks.
// The setting marks the transaction as ours: the schema's triggers then know that history and lots change together.
const LOCK = `
  with locked as materialized (
    select * from credit_accounts where ledger = $1 and address = any($2::text[])
      and (select count(*) from credit_accounts where ledger = $1 and address = any($2::text[])) = cardinality($2::text[])
    order by address for no key update)
  select address, granted, to_us(debit_at) as "debitUs", debit_ref as "debitRef", debit_index as "debitIndex",
    to_us(expired_at) as "expiredUs", to_us(returned_at) as "returnedUs", to_us(merged_at) as "mergedUs",
    to_us(${NEXT_INSTANT}) as "nextUs",
    (select json_agg(json_build_array(case when isfinite(from_at) then to_us(from_at)::text end, drain_order))::text
     from credit_policies where ledger = $1) as policies,
    (select to_us(from_at) from credit_merging where ledger = $1) as "mergesFromUs",
    exists (select from credit_history where ledger = $1 and credit_ref = $3) as known,
    set_config('quittance.credits', 'engine', true)
  from locked`;

const INSERT = `
  insert into credit_accounts (ledger, address)
  select $1, address from unnest($2::text[]) address order by address collate "C" on conflict do nothing`;

const policyList = z.array(
  z
    .tuple([z.string().nullable(), z.enum(['emission', 'expiration'])])
    .transform(([from, order]): DrainPolicy => ({
      fromUs: from === null ? null : BigInt(from),
      order,
    })),
);

/**
 * Locks the addresses' rows in the order of their names, as everything that writes credits does first. Missing rows are created
 * before the first is locked. `ref` is the operation's reference, for {@link LockedAccounts.known}.
 */
export async function lockAccounts(
  tx: ClientBase,
  ledger: LedgerName,
  addresses: Iterable<string>,
  ref: string | null = null,
): Promise<LockedAccounts> {
  const unique = [...new Set(addresses)];
  const lock = { name: 'credits-lock', text: LOCK, values: [ledger, unique, ref] };
  let { rows } = await tx.query<LockRow>(lock);
  if (rows.length < unique.length) {
    await tx.query(INSERT, [ledger, unique]);
    ({ rows } = await tx.query<LockRow>(lock));
  }
  const [first] = rows;
  if (first === undefined || rows.length < unique.length) {
    throw new Error('a credit account was deleted while it was being locked');
  }
  if (first.policies === null) throw new Error(`there is no ledger ${ledger}`);
  return {
    accounts: new Map(rows.map((row) => [row.address, accountOf(row)])),
    nextUs: rows.reduce((latest, { nextUs }) => (nextUs > latest ? nextUs : latest), first.nextUs),
    rules: {
      policies: policyList.parse(JSON.parse(first.policies)),
      mergesFromUs: first.mergesFromUs,
    },
    known: first.known,
  };
}

function accountOf({ debitUs, debitRef, debitIndex, ...row }: LockRow): CreditAccount {
  const { address, granted, expiredUs, returnedUs, mergedUs } = row;
  const times = { expiredUs, returnedUs, mergedUs };
  if (debitUs === null || debitRef === null || debitIndex === null) {
    return { address, granted, debit: null, ...times };
  }
  const debit = { atUs: debitUs, ref: debitRef, index: debitIndex };
  return { address, granted, debit, ...times };
}

/** Locks the credits of accounts, lots and postings alike, in the order of their ids, as everything that moves them does first. */
export async function lockCredits(tx: ClientBase, accountIds: readonly string[]): Promise<void> {
  if (accountIds.length === 0) return;
  const { rowCount } = await tx.query(
    // The setting is that of LOCK.
    `select set_config('quittance.credits', 'engine', true) from credit_accounts where ledger = 'actions' and address = any($1::text[])
     order by address for no key update`,
    [accountIds],
  );
  if (rowCount !== new Set(accountIds).size) {
    throw new Error('an account has no row in credit_accounts');
  }
}

/** Whether the history has rows of the reference. */
export async function isKnown(tx: ClientBase, ledger: LedgerName, ref: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    'select from credit_history where ledger = $1 and credit_ref = $2 limit 1',
    [ledger, ref],
  );
  return rowCount === 1;
}
