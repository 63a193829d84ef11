import { randomUUID } from 'node:crypto';
import type { ClientBase, Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';
import { type IdempotencyKey, takeKey } from '../idempotency.js';
import type { Account } from './create-account.js';
import { findAccount } from './find-account.js';
import { issueToken, revokeTokens } from './issue-token.js';

export interface TokenChange {
  readonly accountName: string;
  readonly idempotencyKey?: IdempotencyKey;
}

export interface TokensChanged {
  readonly account: Account;
  readonly replayed: boolean;
}

/** Throws Refusal `account.not_found`. A replay does not give the token again: it is kept nowhere. */
export function issueTokenByName(
  pool: Pool,
  change: TokenChange,
  label: string,
): Promise<TokensChanged & { readonly token?: string }> {
  return inTransaction(pool, async (tx) => {
    const changed = await begin(tx, change);
    if (changed.replayed) return changed;
    return { ...changed, token: await issueToken(tx, changed.account.id, label) };
  });
}

/** Ends all tokens of an account. Throws Refusal `account.not_found`. */
export function revokeTokensByName(pool: Pool, change: TokenChange): Promise<TokensChanged> {
  return inTransaction(pool, async (tx) => {
    const changed = await begin(tx, change);
    if (!changed.replayed) await revokeTokens(tx, changed.account.id);
    return changed;
  });
}

async function begin(
  tx: ClientBase,
  { accountName, idempotencyKey }: TokenChange,
): Promise<TokensChanged> {
  const account = await findAccount(tx, accountName);
  const first =
    idempotencyKey && (await takeKey(tx, idempotencyKey, { kind: 'tokens', id: randomUUID() }));
  return { account, replayed: first !== undefined };
}
