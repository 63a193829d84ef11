import type { ClientBase } from 'pg';
import { Refusal } from '../../domain/refusal.js';

export type Role = 'user' | 'operator';

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
