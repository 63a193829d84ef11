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

/** The credits of an account, in msat. */
export async function readCredits(db: Pool | ClientBase, accountId: string): Promise<bigint> {
  const { rows } = await db.query<{ balance: bigint }>(
    `select balance_msat as balance from ledger_accounts where owner = $1 and asset = 'CREDITS'`,
    [accountId],
  );
  return rows[0]?.balance ?? 0n;
}
