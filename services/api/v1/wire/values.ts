import { z } from 'zod';
import { MAX_MSAT, toMsat } from '../../../../domain/money.js';

/** Millisatoshi, above 0, as decimal digits: JSON numbers are not exact. */
export const amountMsat = z
  .string()
  .regex(/^[1-9]\d{0,18}$/, 'must be a whole number of millisatoshi, as a string')
  .transform(BigInt)
  .pipe(z.bigint().max(MAX_MSAT, 'is more than there will ever be').transform(toMsat))
  .meta({ examples: ['1000'] });

export function toTime(at: Date): string {
  return at.toISOString();
}

export function toTimeOrNull(at: Date | null): string | null {
  return at === null ? null : toTime(at);
}
