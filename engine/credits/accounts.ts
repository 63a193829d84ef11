import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { EntryKey, LedgerName } from '../../domain/credits/lot.js';
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
  /** The newest moment at which something came back. */
  readonly returnedUs: Us | null;
}

/** Accounts that are locked, and what holds for whoever writes for them. */
export interface LockedAccounts {
  readonly accounts: ReadonlyMap<string, CreditAccount>;
  /** Not before the last of them was locked. */
  readonly nowUs: Us;
  readonly policies: readonly DrainPolicy[];
  /** Rows of the reference were there when the locks were asked for; one that came while they were waited for is not seen. */
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
  readonly nowUs: Us;
  /** JSON of {@link policyList}. */
  readonly policies: string | null;
  readonly known: boolean;
}

// Locks all or none: waiting for a row of its own while holding others out of order is what deadlocks are made of.
// The setting tells the schema, until the transaction ends, that history and lots are changed together.
const LOCK = `
  with locked as materialized (
    select * from credit_accounts where ledger = $1 and address = any($2::text[])
      and (select count(*) from credit_accounts where ledger = $1 and address = any($2::text[])) = cardinality($2::text[])
    order by address for no key update)
  select address, granted, to_us(debit_at) as "debitUs", debit_ref as "debitRef", debit_index as "debitIndex",
    to_us(expired_at) as "expiredUs", to_us(returned_at) as "returnedUs", to_us(clock_timestamp()) as "nowUs",
    (select json_agg(json_build_array(case when isfinite(from_at) then to_us(from_at)::text end, drain_order))::text
     from credit_policies where ledger = $1) as policies,
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
 * Locks the addresses' rows in their order, as everything that writes credits does first; rows that are missing are made, all of
 * them before the first is locked.
 */
export async function lockAccounts(
  tx: ClientBase,
  ledger: LedgerName,
  addresses: Iterable<string>,
  ref: string | null,
): Promise<LockedAccounts> {
  const wanted = [...new Set(addresses)];
  const lock = { name: 'credits-lock', text: LOCK, values: [ledger, wanted, ref] };
  let { rows } = await tx.query<LockRow>(lock);
  if (rows.length < wanted.length) {
    await tx.query(INSERT, [ledger, wanted]);
    ({ rows } = await tx.query<LockRow>(lock));
  }
  const last = rows.at(-1);
  if (last === undefined || rows.length < wanted.length) {
    throw new Error('a credit account vanished');
  }
  if (last.policies === null) throw new Error(`there is no ledger ${ledger}`);
  return {
    accounts: new Map(rows.map((row) => [row.address, accountOf(row)])),
    nowUs: last.nowUs,
    policies: policyList.parse(JSON.parse(last.policies)),
    known: last.known,
  };
}

/** As {@link lockAccounts}, where nothing else is asked. */
export async function lockCreditAccounts(
  tx: ClientBase,
  ledger: LedgerName,
  addresses: Iterable<string>,
): Promise<ReadonlyMap<string, CreditAccount>> {
  return (await lockAccounts(tx, ledger, addresses, null)).accounts;
}

function accountOf({ debitUs, debitRef, debitIndex, ...row }: LockRow): CreditAccount {
  const { address, granted, expiredUs, returnedUs } = row;
  const times = { expiredUs, returnedUs };
  if (debitUs === null || debitRef === null || debitIndex === null) {
    return { address, granted, debit: null, ...times };
  }
  const debit = { atUs: debitUs, ref: debitRef, index: debitIndex };
  return { address, granted, debit, ...times };
}

/** Whether rows of the reference are there. */
export async function isKnown(tx: ClientBase, ledger: LedgerName, ref: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    'select from credit_history where ledger = $1 and credit_ref = $2 limit 1',
    [ledger, ref],
  );
  return rowCount === 1;
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
  const { accounts, nowUs } = await lockAccounts(tx, ledger, addresses, null);
  let moment = nowUs;
  for (const { debit, expiredUs, returnedUs } of accounts.values()) {
    for (const before of [debit?.atUs ?? 0n, expiredUs ?? 0n, returnedUs ?? 0n]) {
      if (before >= moment) moment = before + 1n;
    }
  }
  return moment;
}
