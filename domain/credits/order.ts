import type { EntryKey, Lot } from './lot.js';
import type { Us } from './time.js';

/** Compares by code points, like PostgreSQL's collation "C" and pyaleph. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let place = 0; place < length; place += 1) {
    if (a.charCodeAt(place) === b.charCodeAt(place)) continue;
    const difference = codePointAround(a, place) - codePointAround(b, place);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** The code point that a code unit belongs to: half of a surrogate pair has no order of its own. */
function codePointAround(text: string, place: number): number {
  const unit = text.charCodeAt(place);
  const isSecondHalf = unit >= 0xdc00 && unit <= 0xdfff && place > 0;
  return text.codePointAt(isSecondHalf ? place - 1 : place) ?? 0;
}

export function compareKeys(a: EntryKey, b: EntryKey): number {
  return compareText(a.ref, b.ref) || a.index - b.index;
}

export function compareTimes(a: Us, b: Us): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

type Place = Pick<Lot, 'ref' | 'index' | 'grantedUs' | 'expiresUs'>;

/** Drain order `emission`: first granted, first drained. */
export function byEmission(a: Place, b: Place): number {
  return compareTimes(a.grantedUs, b.grantedUs) || compareKeys(a, b);
}

/** Drain order `expiration`: first to expire, first drained; lots that never expire come last. */
export function byExpiration(a: Place, b: Place): number {
  return compareExpiries(a.expiresUs, b.expiresUs) || byEmission(a, b);
}

function compareExpiries(a: Us | null, b: Us | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return compareTimes(a, b);
}

interface Dated extends EntryKey {
  readonly atUs: Us;
  readonly amount: bigint;
}

/** The order in which a history is replayed: by time; at one instant grants before debits. */
export function byHistory(a: Dated, b: Dated): number {
  return (
    compareTimes(a.atUs, b.atUs) ||
    Number(a.amount < 0n) - Number(b.amount < 0n) ||
    compareKeys(a, b)
  );
}
