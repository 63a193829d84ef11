import type { ClientBase, Pool } from 'pg';
import { Refusal } from '../../domain/refusal.js';
import type { Account } from './create-account.js';

/** Throws Refusal `account.not_found`. */
export async function findAccount(db: Pool | ClientBase, name: string): Promise<Account> {
  const { rows } = await db.query<Account>('select id, name, role from accounts where name = $1', [
    name,
  ]);
  const [account] = rows;
  if (account === undefined) {
    throw new Refusal('account.not_found', `there is no account named ${name}`);
  }
  return account;
}

/** What an account can spend now, in msat: credits that have expired are not among it, acted upon or not. */
export async function readCredits(db: Pool | ClientBase, accountId: string): Promise<bigint> {
  const { rows } = await db.query<{ balance: bigint }>(
    `select remaining - coalesce((
         select sum(l.remaining) from credit_lots l
         where l.ledger = 'actions' and l.address = a.address and l.expires_at <= now()), 0)::bigint as balance
     from credit_accounts a where ledger = 'actions' and address = $1::text`,
    [accountId],
  );
  return rows[0]?.balance ?? 0n;
}
