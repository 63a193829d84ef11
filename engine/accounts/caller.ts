import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Role, Scope } from '../../domain/accounts/roles.js';

/** Who makes a request: an account, or an anonymous caller who may show a capability. */
export type Caller =
  | {
      readonly kind: 'account';
      readonly id: string;
      readonly name: string;
      readonly role: Role;
      /** Of the token; everything that the role may do where they are missing. */
      readonly scopes?: readonly Scope[];
      /** Names the token in the audit. */
      readonly tokenId?: string;
    }
  | { readonly kind: 'anonymous'; readonly capability?: string };

/**
 * The capability of an action opened anonymously: the only way in to it. It comes from our secret and the action's id, so that
 * a replay can give it again while only its hash is stored.
 */
export function capabilityOf(secret: string, actionId: string): string {
  const key = createHmac('sha256', secret).update('capability').digest();
  return createHmac('sha256', key).update(`capability/${actionId}`).digest('base64url');
}

/** What is stored of a capability: its SHA-256. */
export function hashOfCapability(capability: string): Buffer {
  return createHash('sha256').update(capability).digest();
}

/** Compares in constant time. False when either is missing. */
export function capabilityMatches(
  capability: string | undefined,
  hash: Buffer | null | undefined,
): boolean {
  if (capability === undefined || hash === null || hash === undefined) return false;
  return timingSafeEqual(hashOfCapability(capability), hash);
}
