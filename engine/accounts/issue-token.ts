import type { ClientBase } from 'pg';
import { hashToken, newToken } from './token.js';

/** Gives an account one more token. This is the only time it is seen. */
export async function issueToken(
  tx: ClientBase,
  accountId: string,
  label: string,
): Promise<string> {
  const token = newToken();
  await tx.query('insert into api_tokens (token_hash, account_id, label) values ($1, $2, $3)', [
    hashToken(token),
    accountId,
    label,
  ]);
  return token;
}

/** Ends every token of an account; returns how many were in use. */
export async function revokeTokens(tx: ClientBase, accountId: string): Promise<number> {
  const { rowCount } = await tx.query(
    'update api_tokens set revoked_at = now() where account_id = $1 and revoked_at is null',
    [accountId],
  );
  return rowCount ?? 0;
}
