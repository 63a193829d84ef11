import { z } from 'zod';
import { MAX_MSAT, toMsat } from '../../../../domain/money.js';

/** The kinds of value in requests and answers of /v1. */

export const id = z.guid('must be a UUID').toLowerCase();

export const accountName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_-]{0,31}$/,
    'must be 1 to 32 of a-z, 0-9, _ and -, and begin with a letter or digit',
  )
  .meta({ examples: ['alice'] });

/** Millisatoshi, above 0, as decimal digits: JSON numbers are not exact. */
export const amountMsat = z
  .string()
  .regex(/^[1-9]\d{0,18}$/, 'must be a whole number of millisatoshi, as a string')
  .transform(BigInt)
  .pipe(z.bigint().max(MAX_MSAT, 'is more than there will ever be').transform(toMsat))
  .meta({ examples: ['1000'] });

/** The same in answers. */
export const msatText = z
  .string()
  .regex(/^-?\d+$/)
  .meta({ examples: ['1000'] });

/** RFC 3339, UTC. */
export const time = z.iso.datetime();

/** Ids of rows that are numbers, as decimal digits. */
export const rowId = z
  .string()
  .regex(/^[1-9]\d{0,17}$/, 'must be a number above 0')
  .meta({ examples: ['12'] });

export function toTime(at: Date): string {
  return at.toISOString();
}

export function toTimeOrNull(at: Date | null): string | null {
  return at === null ? null : toTime(at);
}
