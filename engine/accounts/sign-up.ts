import type { ClientBase, Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';
import { Refusal } from '../../domain/refusal.js';
import { type Account, createAccount } from './accounts.js';
import { issueToken } from './tokens.js';

/** In an hour: of one network, and of all together. */
const SIGNUPS = { perOrigin: 5, inSum: 500 } as const;
const LOCK = 74218424;

export interface SignUp {
  readonly name: string;
  /** A keyed hash of the network. */
  readonly origin: Buffer;
}

export interface SignedUp {
  readonly account: Account;
  /** Shown once. */
  readonly token: string;
}

/** An account for anybody. Throws Refusal `account.too_many`, `account.name_taken`. */
export function signUp(pool: Pool, signup: SignUp): Promise<SignedUp> {
  return inTransaction(pool, (tx) => signUpIn(tx, signup));
}

export async function signUpIn(tx: ClientBase, { name, origin }: SignUp): Promise<SignedUp> {
  await refuseTooMany(tx, origin);
  const account = await createAccount(tx, { name, role: 'user' });
  await tx.query('insert into signups (origin) values ($1)', [origin]);
  return { account, token: await issueToken(tx, account.id, 'sign-up') };
}

/** One after the other, so that each sees what the one before has committed. */
async function refuseTooMany(tx: ClientBase, origin: Buffer): Promise<void> {
  await tx.query('select pg_advisory_xact_lock($1, 0)', [LOCK]);
  const { rows } = await tx.query<{ own: number; all: number }>(
    `select (select count(*) from signups where origin = $1 and at > clock_timestamp() - interval '1 hour')::float8 as own,
       (select count(*) from signups where at > clock_timestamp() - interval '1 hour')::float8 as all`,
    [origin],
  );
  const { own = 0, all = 0 } = rows[0] ?? {};
  if (own < SIGNUPS.perOrigin && all < SIGNUPS.inSum) return;
  throw new Refusal('account.too_many', 'too many accounts were opened: try again in an hour');
}
