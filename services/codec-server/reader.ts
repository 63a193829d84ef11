import type { Pool } from 'pg';
import { isStaff, mayDo } from '../../domain/accounts/roles.js';
import { Refusal } from '../../domain/refusal.js';
import type { Account } from '../../engine/accounts/accounts.js';
import { findStaff } from '../../engine/accounts/staff.js';
import { authenticate, type Authenticated, isToken } from '../../engine/accounts/tokens.js';
import { bearerToken } from '../shared/bearer.js';
import type { Issuer } from './issuer.js';

/** Who reads payloads: somebody with the scope `read`. */
export interface Reader {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  /** Names the token of ours; left out for the tokens of an identity provider. */
  readonly tokenId?: string;
}

/** What a caller sends to say who it is. */
export interface Credentials {
  readonly authorization?: string | undefined;
  /** Temporal's UI sends the identity provider's ID token here, beside its access token, which need not be a JWT. */
  readonly 'authorization-extras'?: unknown;
}

/**
 * Whoever sends these headers, by a token of ours or by one of the identity provider whose claim names an account of ours. What that account
 * may do is read each time: a revoked role ends both. Throws Refusal `auth.required`, `auth.invalid_token`,
 * `auth.operator_required`, `auth.scope_required`.
 */
export async function readerOf(
  pool: Pool,
  { authorization, 'authorization-extras': extras }: Credentials,
  issuer: Issuer | undefined,
): Promise<Reader> {
  if (authorization === undefined) {
    throw new Refusal('auth.required', 'send the header Authorization: Bearer <token>');
  }
  const token = bearerToken(authorization);
  const found =
    (await accountOf(pool, token, issuer)) ??
    (typeof extras === 'string' ? await accountNamedBy(pool, extras, issuer) : undefined);
  if (found === undefined) {
    throw new Refusal('auth.invalid_token', 'the token is unknown, revoked, expired or malformed');
  }
  if (!isStaff(found.role)) {
    throw new Refusal('auth.operator_required', `${found.name} is not an operator`);
  }
  if (!mayDo(found, 'read')) throw new Refusal('auth.scope_required', 'it takes the scope read');
  return found;
}

async function accountOf(
  pool: Pool,
  token: string | undefined,
  issuer: Issuer | undefined,
): Promise<(Account & Partial<Authenticated>) | undefined> {
  if (token === undefined) return undefined;
  return isToken(token) ? authenticate(pool, token) : accountNamedBy(pool, token, issuer);
}

async function accountNamedBy(
  pool: Pool,
  token: string,
  issuer: Issuer | undefined,
): Promise<Account | undefined> {
  const name = await issuer?.accountNamedBy(token);
  return name === undefined ? undefined : findStaff(pool, name);
}
