import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { type ClientBase, DatabaseError, type Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';
import { isStaff, type Scope, scopesOf } from '../../domain/accounts/roles.js';
import { Refusal } from '../../domain/refusal.js';
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

/** Names a token without giving it away: the first 16 digits of its hash. */
export function tokenIdOf(hash: Buffer): string {
  return hash.toString('hex').slice(0, 16);
}

/** What a token may be used for, and how long. */
export interface TokenTerms {
  readonly label: string;
  /** Null, or left out: everything that the role may do. */
  readonly scopes?: readonly Scope[] | null;
  /** Days from now; never when left out. */
  readonly days?: number;
}

/** Gives an account one more token. This is the only time it is seen. */
export async function issueToken(
  tx: ClientBase,
  accountId: string,
  terms: string | TokenTerms,
): Promise<string> {
  const {
    label,
    scopes = null,
    days = null,
  } = typeof terms === 'string' ? { label: terms } : terms;
  const token = newToken();
  await tx.query(
    `insert into api_tokens (token_hash, account_id, label, scopes, expires_at)
     values ($1, $2, $3, $4, now() + $5::double precision * interval '1 day')`,
    [hashToken(token), accountId, label, scopes, days],
  );
  return token;
}

/** Ends every token of an account; returns how many were in use. Throws Refusal `operator.last`. */
export async function revokeTokens(tx: ClientBase, accountId: string): Promise<number> {
  const { rowCount } = await tx
    .query(
      'update api_tokens set revoked_at = now() where account_id = $1 and revoked_at is null',
      [accountId],
    )
    .catch(refuseLastOperator);
  return rowCount ?? 0;
}

/** The schema keeps one operator who can manage the others. */
export function refuseLastOperator(error: unknown): never {
  if (error instanceof DatabaseError && error.constraint === 'last_operator') {
    throw new Refusal('operator.last', 'create another operator, with a token of its own, first');
  }
  throw error;
}

/** Whose token it is, and what it may be used for. */
export interface Authenticated extends Account {
  readonly scopes: readonly Scope[];
  readonly tokenId: string;
}

interface TokenRow extends Account {
  readonly tokenHash: Buffer;
  readonly tokenScopes: readonly Scope[] | null;
  readonly stale: boolean;
}

/** Undefined when the token is unknown, revoked or expired. Looked up by its hash. Notes its use, once a minute. */
export async function authenticate(pool: Pool, token: string): Promise<Authenticated | undefined> {
  if (!isToken(token)) return undefined;
  const hash = hashToken(token);
  const { rows } = await pool.query<TokenRow>(
    `select a.id, a.name, a.role, t.token_hash as "tokenHash", t.scopes as "tokenScopes",
       coalesce(u.last_used_at < now() - interval '1 minute', true) as stale
     from api_tokens t join accounts a on a.id = t.account_id left join token_uses u using (token_hash)
     where t.token_hash = $1 and t.revoked_at is null and (t.expires_at is null or t.expires_at > now())`,
    [hash],
  );
  const [found] = rows;
  if (found === undefined || !timingSafeEqual(found.tokenHash, hash)) return undefined;
  if (found.stale) noteUse(pool, hash);
  const { id, name, role, tokenScopes } = found;
  return { id, name, role, scopes: scopesOf(role, tokenScopes), tokenId: tokenIdOf(hash) };
}

/** Nobody waits for it, and it may fail: it is for people who tidy up. */
function noteUse(pool: Pool, hash: Buffer): void {
  pool
    .query(
      `insert into token_uses (token_hash, last_used_at) values ($1, now())
       on conflict (token_hash) do update set last_used_at = excluded.last_used_at`,
      [hash],
    )
    .catch(() => undefined);
}

export interface TokenChange {
  readonly accountName: string;
  /** Whether tokens of operators and their helpers may be changed. */
  readonly ofStaff: boolean;
  readonly idempotencyKey?: IdempotencyKey;
}

export interface TokensChanged {
  readonly account: Account;
  readonly replayed: boolean;
}

/** Throws Refusal `account.not_found`, `auth.scope_required`. A replay does not give the token again: it is kept nowhere. */
export function issueTokenByName(
  pool: Pool,
  change: TokenChange,
  terms: TokenTerms,
): Promise<TokensChanged & { readonly token?: string }> {
  return inTransaction(pool, async (tx) => {
    const changed = await begin(tx, change);
    if (changed.replayed) return changed;
    return { ...changed, token: await issueToken(tx, changed.account.id, terms) };
  });
}

/** Ends all tokens of an account. Throws Refusal `account.not_found`, `auth.scope_required`, `operator.last`. */
export function revokeTokensByName(pool: Pool, change: TokenChange): Promise<TokensChanged> {
  return inTransaction(pool, async (tx) => {
    const changed = await begin(tx, change);
    if (!changed.replayed) await revokeTokens(tx, changed.account.id);
    return changed;
  });
}

async function begin(
  tx: ClientBase,
  { accountName, ofStaff, idempotencyKey }: TokenChange,
): Promise<TokensChanged> {
  const account = await findAccount(tx, accountName);
  if (isStaff(account.role) && !ofStaff) {
    throw new Refusal('auth.scope_required', `${account.name} is an operator or a helper of one`);
  }
  const first =
    idempotencyKey && (await takeKey(tx, idempotencyKey, { kind: 'tokens', id: randomUUID() }));
  return { account, replayed: first !== undefined };
}
