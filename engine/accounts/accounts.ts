import type { ClientBase, Pool } from 'pg';
import type { Role } from '../../domain/accounts/roles.js';
import { Refusal } from '../../domain/refusal.js';

export interface Account {
  readonly id: string;
  /** Lower-case letters, digits, `_` and `-`; 1 to 32 of them. */
  readonly name: string;
  readonly role: Role;
}

export interface NewAccount {
  /** Made here when left out. */
  readonly id?: string;
  readonly name: string;
  readonly role: Role;
}

/** Opens an account with empty balances. Throws Refusal `account.name_taken`. */
export async function createAccount(tx: ClientBase, account: NewAccount): Promise<Account> {
  const { rows } = await tx.query<Account>(
    `insert into accounts (id, name, role) values (coalesce($1, gen_random_uuid()), $2, $3)
     on conflict (name) do nothing returning id, name, role`,
    [account.id ?? null, account.name, account.role],
  );
  const [created] = rows;
  if (created === undefined) {
    throw new Refusal('account.name_taken', `there is an account named ${account.name} already`);
  }
  return created;
}

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

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** By its id or its name, which cannot look alike. Throws Refusal `account.not_found`. */
export async function findAccountNamed(db: Pool | ClientBase, idOrName: string): Promise<Account> {
  if (!ID.test(idOrName)) return findAccount(db, idOrName);
  const { rows } = await db.query<Account>('select id, name, role from accounts where id = $1', [
    idOrName,
  ]);
  const [account] = rows;
  if (account === undefined) {
    throw new Refusal('account.not_found', `there is no account ${idOrName}`);
  }
  return account;
}

/**
 * Throws Refusal `account.frozen`. Called in the transaction that opens or changes something; an account that is being frozen at
 * the same time may still come first.
 */
export async function refuseFrozen(tx: ClientBase, accountId: string | null): Promise<void> {
  if (accountId === null) return;
  const { rowCount } = await tx.query(
    'select from accounts where id = $1 and frozen_at is not null',
    [accountId],
  );
  if (rowCount === 1) {
    throw new Refusal('account.frozen', 'the account is frozen: it can read, but change nothing');
  }
}

/** What an account can spend now, in msat: credits that have expired are not among it, acted upon or not. */
export async function readCredits(
  db: Pick<ClientBase, 'query'>,
  accountId: string,
): Promise<bigint> {
  const { rows } = await db.query<{ balance: bigint }>(
    `select remaining - coalesce((
         select sum(l.remaining) from credit_lots l
         where l.ledger = 'actions' and l.address = a.address and l.expires_at <= now()), 0)::bigint as balance
     from credit_accounts a where ledger = 'actions' and address = $1::text`,
    [accountId],
  );
  return rows[0]?.balance ?? 0n;
}

/** The sats of an account, in msat. */
export async function readSats(db: Pick<ClientBase, 'query'>, accountId: string): Promise<bigint> {
  const { rows } = await db.query<{ msat: bigint }>(
    `select balance_msat as msat from ledger_accounts where owner = $1 and asset = 'SATS'`,
    [accountId],
  );
  return rows[0]?.msat ?? 0n;
}
