import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import type { ClientBase, Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';
import { type IdempotencyKey, takeKey } from '../idempotency.js';
import { type Account, findAccount } from './accounts.js';

const FORM = /^qt_[A-Za-z0-9_-]{43}$/;

/** An API token: `qt_` and 32 random bytes in base64url. Shown once; only its hash is stored. */
export function newToken(): string {
  return `qt_${randomBytes(32).toString('base64url')}`;
}

export function isToken(text: string): boolean {
  return FORM.test(text);
}

/** A token has 256 random bits, so a plain SHA-256 gives nothing away. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

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
