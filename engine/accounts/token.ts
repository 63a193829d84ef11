import { createHash, randomBytes } from 'node:crypto';

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
