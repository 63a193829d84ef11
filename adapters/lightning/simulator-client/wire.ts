import { z } from 'zod';
import { MAX_MSAT, toMsat, type Msat } from '../../../domain/money.js';

/** Codecs between the values of the Lightning port and JSON. */

export const hex32 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 32 bytes in lower-case hex');

/** Compressed, as hex. */
export const publicKeyHex = z.string().regex(/^0[23][0-9a-f]{64}$/);

const MAX_MEMO_BYTES = 639;

/** BOLT11 has room for 639 bytes, not characters. */
export const memoText = z
  .string()
  .refine((text) => new TextEncoder().encode(text).length <= MAX_MEMO_BYTES, {
    error: `must be at most ${MAX_MEMO_BYTES} bytes`,
  });

/** Decimal text that fits a BIGINT. */
export const cursorText = z.codec(
  z.string().regex(/^\d{1,18}$/, 'must be a whole number'),
  z.bigint().min(0n),
  { decode: (text) => BigInt(text), encode: (cursor) => cursor.toString() },
);

/** Decimal text, in millisatoshi. */
export const msatText = z.codec(
  z
    .string()
    .regex(/^\d{1,19}$/, { error: 'must be a whole number of millisatoshi', abort: true })
    .refine((text) => BigInt(text) <= MAX_MSAT, 'must be at most 21 million bitcoin'),
  z.custom<Msat>((value) => typeof value === 'bigint' && value >= 0n && value <= MAX_MSAT),
  { decode: (text) => toMsat(BigInt(text)), encode: (amount) => amount.toString() },
);

/** ISO 8601, in UTC. */
export const instant = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
});
