import { timingSafeEqual } from 'node:crypto';
import type { Pool } from 'pg';
import type { Account } from './create-account.js';
import { hashToken, isToken } from './token.js';

/** Whose token it is; undefined when it is unknown or revoked. Looked up by its hash. */
export async function authenticate(pool: Pool, token: string): Promise<Account | undefined> {
  if (!isToken(token)) return undefined;
  const hash = hashToken(token);
  const { rows } = await pool.query<Account & { tokenHash: Buffer }>(
    `select a.id, a.name, a.role, t.token_hash as "tokenHash"
     from api_tokens t join accounts a on a.id = t.account_id
     where t.token_hash = $1 and t.revoked_at is null`,
    [hash],
  );
  const [found] = rows;
  if (found === undefined || !timingSafeEqual(found.tokenHash, hash)) return undefined;
  return { id: found.id, name: found.name, role: found.role };
}
