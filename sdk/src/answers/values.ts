import { z } from 'zod';

/** The kinds of value in answers. */

export const id = z.guid('must be a UUID').toLowerCase();

export const accountName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_-]{0,31}$/,
    'must be 1 to 32 of a-z, 0-9, _ and -, and begin with a letter or digit',
  )
  .meta({ examples: ['alice'] });

/** Millisatoshi as decimal digits: JSON numbers are not exact. */
export const msatText = z
  .string()
  .regex(/^-?\d+$/)
  .meta({ examples: ['1000'] });

/** RFC 3339, UTC. */
export const time = z.iso.datetime();

/** The id of a numbered row, as decimal digits. */
export const rowId = z
  .string()
  .regex(/^[1-9]\d{0,17}$/, 'must be a number above 0')
  .meta({ examples: ['12'] });

export const nextCursor = z
  .string()
  .nullable()
  .meta({ description: 'Where the next page begins; null on the last one.' });
