import type { Us } from './time.js';

export type LedgerName = 'actions' | 'aleph';

/** The largest amount that a BIGINT can store. */
export const MAX_AMOUNT = 9_223_372_036_854_775_807n;

/** Identifies a row of the history within its ledger, and the lot that the row granted. */
export interface EntryKey {
  readonly ref: string;
  readonly index: number;
}

/** The credits of one grant, and how much of them is left. */
export interface Lot extends EntryKey {
  readonly grantedUs: Us;
  /** Null: never. */
  readonly expiresUs: Us | null;
  readonly remaining: bigint;
}

/** A lot can be drained from its grant (inclusive) until its expiry (exclusive). */
export function isExpiredAt(expiresUs: Us | null, at: Us): boolean {
  return expiresUs !== null && expiresUs <= at;
}

/** The key as text, for maps. A reference can be any text, so the number comes first. */
export function keyText({ ref, index }: EntryKey): string {
  return `${index}/${ref}`;
}
