import { Bolt11Error } from './error.js';

/** BOLT11 counts in words of 5 bits, most significant first. */
export type Words = readonly number[];

const WORD_BITS = 5;
const BYTE_BITS = 8;

export function bytesToWords(bytes: Uint8Array): number[] {
  return regroup(bytes, BYTE_BITS, WORD_BITS, 'pad');
}

/** Bits short of a byte at the end are left out; they must be 0, as the spec's readers require. */
export function wordsToBytes(words: Words): Uint8Array {
  return Uint8Array.from(regroup(words, WORD_BITS, BYTE_BITS, 'drop'));
}

/** What is signed: zero bits fill the last byte. */
export function wordsToPaddedBytes(words: Words): Uint8Array {
  return Uint8Array.from(regroup(words, WORD_BITS, BYTE_BITS, 'pad'));
}

/** Big-endian without leading zero words, or with them up to `length`. */
export function numberToWords(value: number, length = 0): number[] {
  const words: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 32)) words.unshift(rest % 32);
  while (words.length < length) words.unshift(0);
  return words;
}

export function wordsToNumber(words: Words): number {
  const value = words.reduce((sum, word) => sum * 32 + word, 0);
  if (!Number.isSafeInteger(value)) throw new Bolt11Error('a number is too large');
  return value;
}

/** Bit 0 is the lowest bit of the last word. */
export function bitsToWords(bits: readonly number[]): number[] {
  if (bits.length === 0) return [];
  const words = new Array<number>(Math.floor(Math.max(...bits) / WORD_BITS) + 1).fill(0);
  for (const bit of bits) {
    const at = words.length - 1 - Math.floor(bit / WORD_BITS);
    words[at] = (words[at] ?? 0) | (1 << (bit % WORD_BITS));
  }
  return words;
}

export function wordsToBits(words: Words): number[] {
  return words
    .toReversed()
    .flatMap((word, index) =>
      [0, 1, 2, 3, 4]
        .filter((bit) => (word >> bit) % 2 === 1)
        .map((bit) => index * WORD_BITS + bit),
    );
}

function regroup(
  groups: Iterable<number>,
  from: number,
  to: number,
  rest: 'pad' | 'drop',
): number[] {
  const result: number[] = [];
  let held = 0;
  let bits = 0;
  for (const group of groups) {
    held = (held << from) | group;
    bits += from;
    while (bits >= to) {
      bits -= to;
      result.push(held >> bits);
      held &= (1 << bits) - 1;
    }
  }
  if (rest === 'pad' && bits > 0) result.push(held << (to - bits));
  if (rest === 'drop' && (held !== 0 || bits >= from)) {
    throw new Bolt11Error('a field has a length that fits no bytes');
  }
  return result;
}
