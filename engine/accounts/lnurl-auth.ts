import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import type { Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';
import { Refusal } from '../../domain/refusal.js';
import { type Account, findAccountNamed } from './accounts.js';
import { signUpIn } from './sign-up.js';
import { issueToken } from './tokens.js';

const VALID = `interval '10 minutes'`;
/** Challenges that wait: of one network, and of everybody together. */
const MOST_OPEN = { perOrigin: 30, inSum: 10_000 } as const;

export interface Challenge {
  /** 32 bytes, hex: what the wallet signs. Whoever sees it may see it: it gives nothing away. */
  readonly k1: string;
  /** For whoever asked for it. */
  readonly secret: string;
}

/** Throws Refusal `login.too_many`. */
export async function openChallenge(pool: Pool, origin: Buffer): Promise<Challenge> {
  const k1 = randomBytes(32);
  const secret = randomBytes(32).toString('base64url');
  const { rowCount } = await pool.query(
    `insert into login_challenges (k1, secret_hash, origin) select $1, $2, $3
     where (select count(*) from (
         select from login_challenges where origin = $3 and created_at > clock_timestamp() - ${VALID} limit $4) o) < $4
       and (select count(*) from (
         select from login_challenges where created_at > clock_timestamp() - ${VALID} limit $5) a) < $5`,
    [k1, sha256(secret), origin, MOST_OPEN.perOrigin, MOST_OPEN.inSum],
  );
  if (rowCount === 1) return { k1: k1.toString('hex'), secret };
  throw new Refusal('login.too_many', 'too many log-ins are open: try again');
}

export interface SignedChallenge {
  readonly k1: string;
  /** DER, hex. */
  readonly sig: string;
  /** Compressed public key, hex. */
  readonly key: string;
}

/** A wallet has signed: its key has the challenge, once. Throws Refusal `login.bad_signature`, `login.unknown`. */
export async function confirmChallenge(
  pool: Pool,
  { k1, sig, key }: SignedChallenge,
): Promise<void> {
  if (!isSigned({ k1, sig, key })) {
    throw new Refusal('login.bad_signature', 'the key has not made this signature');
  }
  const { rowCount } = await pool.query(
    `update login_challenges set key = $2
     where k1 = $1 and (key is null or key = $2) and used_at is null
       and created_at > clock_timestamp() - ${VALID}`,
    [Buffer.from(k1, 'hex'), Buffer.from(key, 'hex')],
  );
  if (rowCount !== 1) throw new Refusal('login.unknown', 'this challenge is over, or never was');
}

/** Over the 32 bytes as they are (LUD-04). Signatures of either sign are taken. */
export function isSigned({ k1, sig, key }: SignedChallenge): boolean {
  try {
    return secp256k1.verify(
      Buffer.from(sig, 'hex'),
      Buffer.from(k1, 'hex'),
      Buffer.from(key, 'hex'),
      { prehash: false, lowS: false, format: 'der' },
    );
  } catch {
    return false;
  }
}

export interface LogIn {
  readonly k1: string;
  readonly secret: string;
  /** Of the account, where the key has none yet. */
  readonly name?: string;
  readonly origin: Buffer;
}

/**
 * A token for the account of the key that has signed; a key without an account gets one. Once for each challenge. Throws Refusal
 * `login.unknown`, `login.not_signed`, `login.name_required`, and those of signing up.
 */
export function logIn(
  pool: Pool,
  { k1, secret, name, origin }: LogIn,
): Promise<{ readonly account: Account; readonly token: string; readonly opened: boolean }> {
  return inTransaction(pool, async (tx) => {
    const { rows } = await tx.query<{ hash: Buffer; key: Buffer | null }>(
      `select secret_hash as hash, key from login_challenges
       where k1 = $1 and used_at is null and created_at > clock_timestamp() - ${VALID} for no key update`,
      [Buffer.from(k1, 'hex')],
    );
    const [challenge] = rows;
    if (challenge === undefined || !timingSafeEqual(challenge.hash, sha256(secret))) {
      throw new Refusal('login.unknown', 'this challenge is over, or never was');
    }
    const { key } = challenge;
    if (key === null) throw new Refusal('login.not_signed', 'no wallet has signed it yet');
    await tx.query('update login_challenges set used_at = clock_timestamp() where k1 = $1', [
      Buffer.from(k1, 'hex'),
    ]);
    const known = await tx.query<{ account: string }>(
      'select account from login_keys where key = $1',
      [key],
    );
    const accountId = known.rows[0]?.account;
    if (accountId !== undefined) {
      const account = await findAccountNamed(tx, accountId);
      return { account, token: await issueToken(tx, account.id, 'LNURL-auth'), opened: false };
    }
    if (name === undefined) throw new Refusal('login.name_required', 'the key has no account yet');
    const { account, token } = await signUpIn(tx, { name, origin });
    await tx.query('insert into login_keys (key, account) values ($1, $2)', [key, account.id]);
    return { account, token, opened: true };
  });
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
