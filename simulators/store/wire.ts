import { z } from 'zod';

/** Decimal text: ids may be larger than a JavaScript number can hold. */
export const idText = z.codec(z.string().regex(/^\d{1,19}$/), z.bigint().min(0n), {
  decode: (text) => BigInt(text),
  encode: (id) => id.toString(),
});

/** ISO 8601, in UTC. */
export const instant = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
});
