import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';
import { type IdempotencyKey, takeKey } from '../idempotency.js';
import type { Role } from '../../domain/accounts/roles.js';
import { type Account, createAccount, findAccount } from './accounts.js';
import { issueToken, type TokenTerms } from './tokens.js';

export interface OpenAccount {
  readonly name: string;
  readonly role: Role;
  /** Of the first token. */
  readonly terms?: TokenTerms;
  readonly idempotencyKey?: IdempotencyKey;
}

export interface AccountOpened {
  readonly account: Account;
  /** Missing when replayed: it is kept nowhere. Issue another one. */
  readonly token?: string;
  readonly replayed: boolean;
}

/** An account with its first token. Throws Refusal `account.name_taken`, `idempotency.body_differs`. */
export function openAccount(
  pool: Pool,
  { name, role, terms = { label: 'first' }, idempotencyKey }: OpenAccount,
): Promise<AccountOpened> {
  return inTransaction(pool, async (tx) => {
    const id = randomUUID();
    const first = idempotencyKey && (await takeKey(tx, idempotencyKey, { kind: 'account', id }));
    if (first !== undefined) return { account: await findAccount(tx, name), replayed: true };
    const account = await createAccount(tx, { id, name, role });
    return { account, token: await issueToken(tx, id, terms), replayed: false };
  });
}
