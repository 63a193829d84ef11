import type { Us } from './time.js';

export type LedgerName = 'actions' | 'aleph';

/** Names a row of the history within its ledger, and the lot that the row granted. */
export interface EntryKey {
  readonly ref: string;
  readonly index: number;
}

/** What one granting entry has left. */
export interface Lot extends EntryKey {
  readonly grantedUs: Us;
  /** Null: never. */
  readonly expiresUs: Us | null;
  readonly remaining: bigint;
}

/** Expired exactly at its expiry; drainable exactly from its grant on. */
export function isExpiredAt(expiresUs: Us | null, at: Us): boolean {
  return expiresUs !== null && expiresUs <= at;
}

/** A key of maps; refs are any text, so the number comes first. */
export function keyText({ ref, index }: EntryKey): string {
  return `${index}/${ref}`;
}
