/** The text is no valid BOLT11 invoice, or the fields cannot be written as one. */
export class Bolt11Error extends Error {
  override readonly name = 'Bolt11Error';
}

/** BOLT11 data are words of 5 bits, most significant first. */
export type Words = readonly number[];

const WORD_BITS = 5;
const BYTE_BITS = 8;

export function bytesToWords(bytes: Uint8Array): number[] {
  return regroup(bytes, BYTE_BITS, WORD_BITS, 'pad');
}

/** Leftover bits at the end are dropped; they must be 0, as the spec requires of readers. */
export function wordsToBytes(words: Words): Uint8Array {
  return Uint8Array.from(regroup(words, WORD_BITS, BYTE_BITS, 'drop'));
}

/** For signing: the last byte is filled with zero bits. */
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
    throw new Bolt11Error('the length of a field is no whole number of bytes');
  }
  return result;
}
