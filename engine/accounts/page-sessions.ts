import { createHash, randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';
import { type Scope, scopesOf } from '../../domain/accounts/roles.js';
import type { Account } from './accounts.js';
import { type Authenticated, hashToken, isToken, tokenIdOf } from './tokens.js';

/** However long the token is valid. */
const VALID = `interval '30 days'`;
const FORM = /^[A-Za-z0-9_-]{43}$/;

const TOKEN_IS_VALID = `t.revoked_at is null and (t.expires_at is null or t.expires_at > now())`;

/** Opens a session that acts by this token. Its id is seen only now. Undefined where the token is not valid. */
export async function openPageSession(
  pool: Pool,
  token: string,
  ownsToken: boolean,
): Promise<string | undefined> {
  if (!isToken(token)) return undefined;
  const id = randomBytes(32).toString('base64url');
  return inTransaction(pool, async (tx) => {
    await tx.query(
      `delete from page_sessions where id_hash in (
         select id_hash from page_sessions where created_at < now() - ${VALID} limit 100)`,
    );
    const { rowCount } = await tx.query(
      `insert into page_sessions (id_hash, token_hash, owns_token)
       select $1, t.token_hash, $3 from api_tokens t where t.token_hash = $2 and ${TOKEN_IS_VALID}`,
      [hashOf(id), hashToken(token), ownsToken],
    );
    return rowCount === 1 ? id : undefined;
  });
}

interface Row extends Account {
  readonly tokenHash: Buffer;
  readonly tokenScopes: readonly Scope[] | null;
}

/** Whose session it is; undefined once it, or its token, is over. */
export async function readPageSession(pool: Pool, id: string): Promise<Authenticated | undefined> {
  if (!FORM.test(id)) return undefined;
  const { rows } = await pool.query<Row>(
    `select a.id, a.name, a.role, t.token_hash as "tokenHash", t.scopes as "tokenScopes"
     from page_sessions s join api_tokens t using (token_hash) join accounts a on a.id = t.account_id
     where s.id_hash = $1 and s.created_at > now() - ${VALID} and ${TOKEN_IS_VALID}`,
    [hashOf(id)],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const { tokenHash, tokenScopes, ...account } = row;
  const scopes = scopesOf(account.role, tokenScopes);
  return { ...account, scopes, tokenId: tokenIdOf(tokenHash) };
}

/** Ends the session, and its token where nothing else uses that. */
export async function endPageSession(pool: Pool, id: string): Promise<void> {
  await pool.query(
    `with ended as (delete from page_sessions where id_hash = $1 returning token_hash, owns_token)
     update api_tokens t set revoked_at = now() from ended e
     where t.token_hash = e.token_hash and e.owns_token and t.revoked_at is null`,
    [hashOf(id)],
  );
}

function hashOf(id: string): Buffer {
  return createHash('sha256').update(id).digest();
}
