import { z } from 'zod';
import { usOfIso } from '../../../../domain/credits/time.js';
import { isStorable } from '../../../../domain/storable.js';
import { MAX_MSAT, toMsat } from '../../../../domain/money.js';

/** Millisatoshi, above 0, as decimal digits: JSON numbers are not exact. */
export const amountMsat = z
  .string()
  .regex(/^[1-9]\d{0,18}$/, 'must be a whole number of millisatoshi, as a string')
  .transform(BigInt)
  .pipe(z.bigint().max(MAX_MSAT, 'is more than there will ever be').transform(toMsat))
  .meta({ examples: ['1000'] });

/** Whole sats as millisatoshi, 0 or more. */
export const wholeSatsMsat = z
  .string()
  .regex(/^(0|[1-9]\d{0,15}000)$/, 'must be whole sats, in millisatoshi, as a string')
  .transform(BigInt)
  .pipe(z.bigint().max(MAX_MSAT, 'is more than there will ever be').transform(toMsat))
  .meta({ examples: ['1000000'] });

/** An instant from outside, in epoch microseconds. The one type of time of all requests. */
export const instant = z
  .string()
  .transform((text, context) => {
    const at = usOfIso(text);
    if (at !== undefined) return at;
    context.addIssue({
      code: 'custom',
      message:
        'must be a time like 2026-12-01T00:00:00Z, of the years 1 to 9999, with at most six decimal places of a second',
    });
    return z.NEVER;
  })
  .meta({ format: 'date-time' });

/** PostgreSQL cannot store NUL or half of a surrogate pair, nor take it as a parameter. */
export const storable = z.string().refine(isStorable, 'must be valid Unicode without NUL');

export function toTime(at: Date): string {
  return at.toISOString();
}

export function toTimeOrNull(at: Date | null): string | null {
  return at === null ? null : toTime(at);
}
