import type { Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';
import { createAccount } from './accounts.js';
import { hashToken, isToken } from './tokens.js';

const OPERATOR = 'operator';
/** Any fixed number: two processes that start at the same time must not both create the account. */
const LOCK = 7_421_842_002n;

/**
 * Stores a token (see newToken) for the account `operator`, which is created where it is missing. May be called any number of
 * times, by several processes at once. Throws when the token is malformed or revoked, or the account is not an operator's.
 */
export async function ensureOperatorToken(pool: Pool, token: string): Promise<void> {
  if (!isToken(token))
    throw new Error('the operator token must be qt_ and 43 base64url characters');
  await inTransaction(pool, async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1)', [LOCK]);
    const { rows } = await tx.query<{ id: string; role: string }>(
      'select id, role from accounts where name = $1',
      [OPERATOR],
    );
    const account = rows[0] ?? (await createAccount(tx, { name: OPERATOR, role: 'operator' }));
    if (account.role !== 'operator')
      throw new Error(`the account ${OPERATOR} is not an operator's`);
    await tx.query(
      `insert into api_tokens (token_hash, account_id, label) values ($1, $2, 'quittance up')
       on conflict do nothing`,
      [hashToken(token), account.id],
    );
    const usable = await tx.query(
      'select from api_tokens where token_hash = $1 and account_id = $2 and revoked_at is null',
      [hashToken(token), account.id],
    );
    if (usable.rowCount !== 1)
      throw new Error('the operator token is revoked or belongs to another account');
  });
}
