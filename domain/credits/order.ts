import type { EntryKey, Lot } from './lot.js';
import type { Us } from './time.js';

/** Which lots a debit takes first. */
export type DrainOrder = 'emission' | 'expiration';

/** By code points, as PostgreSQL's collation "C" and the peer compare. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let place = 0; place < length; place += 1) {
    if (a.charCodeAt(place) === b.charCodeAt(place)) continue;
    const difference = codePointAround(a, place) - codePointAround(b, place);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Of the character that the code unit belongs to: half of a pair says nothing about its order. */
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

/** First granted, first drained. */
export function byEmission(a: Place, b: Place): number {
  return compareTimes(a.grantedUs, b.grantedUs) || compareKeys(a, b);
}

/** First to expire, first drained; what never expires comes last. */
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

/** The order in which a history is true: by time, at one instant what is given before what is taken. */
export function byHistory(a: Dated, b: Dated): number {
  return (
    compareTimes(a.atUs, b.atUs) ||
    Number(a.amount < 0n) - Number(b.amount < 0n) ||
    compareKeys(a, b)
  );
}
