import type { ClientBase } from 'pg';
import type { Us } from '../../domain/credits/time.js';

/** Locks the accounts in the order of their ids, as everything that moves their credits does first: lots and postings alike. */
export async function lockCredits(tx: ClientBase, accounts: readonly string[]): Promise<void> {
  if (accounts.length === 0) return;
  const { rowCount } = await tx.query(
    // As in lockAccounts: history and lots are changed together until the transaction ends.
    `select set_config('quittance.credits', 'engine', true) from credit_accounts where ledger = 'actions' and address = any($1::text[])
     order by address for no key update`,
    [accounts],
  );
  if (rowCount !== new Set(accounts).size) throw new Error('an account has no row for its credits');
}

/** A moment, and what an account can spend at it. */
export interface Spendable {
  readonly atUs: Us;
  /** Of lots that are valid at the moment, acted upon or not those that are not. */
  readonly msat: bigint;
}

/**
 * What `payer` can spend now, in msat. All of `locked`, the payer among them, are locked, and the moment comes after everything
 * that was taken from them or given to the payer, even if the clock was set back: what is paid at it is neither late nor short.
 */
export async function readSpendable(
  tx: ClientBase,
  payer: string,
  locked: readonly string[],
): Promise<Spendable> {
  const { rows } = await tx.query<Spendable>(
    `with moment as materialized (
       select greatest(
           max(greatest(clock_timestamp(), debit_at + interval '1 us', expired_at + interval '1 us',
             returned_at + interval '1 us')),
           (select max(granted_at) from credit_lots where ledger = 'actions' and address = $1)) as at
       from credit_accounts where ledger = 'actions' and address = any($2::text[]))
     select to_us(moment.at) as "atUs",
       a.remaining
         - coalesce((select sum(remaining) from credit_lots l
             where l.ledger = 'actions' and l.address = $1 and l.expires_at <= moment.at), 0)::bigint as msat
     from moment join credit_accounts a on a.ledger = 'actions' and a.address = $1`,
    [payer, locked],
  );
  const [spendable] = rows;
  if (spendable === undefined) throw new Error(`account ${payer} has no row for its credits`);
  return spendable;
}
