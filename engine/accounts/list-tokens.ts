import type { ClientBase, Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';
import type { Role, Scope } from '../../domain/accounts/roles.js';
import { Refusal } from '../../domain/refusal.js';
import { issueToken, refuseLastOperator } from './tokens.js';

type Db = Pool | ClientBase;

/** A token as people see it: by its id, never itself. */
export interface ListedToken {
  readonly id: string;
  readonly account: string;
  readonly role: Role;
  readonly label: string;
  readonly scopes: readonly Scope[] | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

/** The tokens of one account, or of everybody who is no user; the newest first. */
export async function listTokens(
  db: Db,
  { account, limit }: { readonly account?: string; readonly limit: number },
): Promise<ListedToken[]> {
  const { rows } = await db.query<ListedToken>(
    `select left(encode(t.token_hash, 'hex'), 16) as id, a.name as account, a.role, t.label, t.scopes,
       t.created_at as "createdAt", t.expires_at as "expiresAt", u.last_used_at as "lastUsedAt", t.revoked_at as "revokedAt"
     from api_tokens t join accounts a on a.id = t.account_id left join token_uses u using (token_hash)
     where case when $1::text is null then a.role <> 'user' else a.name = $1 end
     order by t.created_at desc, t.token_hash limit $2`,
    [account ?? null, limit],
  );
  return rows;
}

/** Ends one token. Throws Refusal `token.not_found`, `operator.last`. */
export async function revokeToken(tx: ClientBase, id: string): Promise<ListedToken['account']> {
  const { rows } = await tx
    .query<{ account: string }>(
      `update api_tokens t set revoked_at = coalesce(t.revoked_at, now()) from accounts a
       where a.id = t.account_id and left(encode(t.token_hash, 'hex'), 16) = $1 returning a.name as account`,
      [id],
    )
    .catch(refuseLastOperator);
  const [found] = rows;
  if (found === undefined) throw new Refusal('token.not_found', `there is no token ${id}`);
  return found.account;
}

/** A new token of the same terms; the old one ends in the same transaction. Throws Refusal `token.not_found`. */
export function rotateToken(pool: Pool, accountId: string, id: string): Promise<string> {
  return inTransaction(pool, async (tx) => {
    const { rows } = await tx.query<{ label: string; scopes: Scope[] | null; days: number | null }>(
      `select label, scopes, extract(epoch from expires_at - created_at)::float8 / 86400 as days from api_tokens
       where account_id = $1 and left(encode(token_hash, 'hex'), 16) = $2 and revoked_at is null for update`,
      [accountId, id],
    );
    const [old] = rows;
    if (old === undefined) throw new Refusal('token.not_found', `there is no token ${id} in use`);
    const { days, ...terms } = old;
    const token = await issueToken(tx, accountId, { ...terms, ...(days === null ? {} : { days }) });
    await revokeToken(tx, id);
    return token;
  });
}
