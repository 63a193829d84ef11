import { z } from 'zod';
import {
  ACT_SATS,
  MAX_FORWARDS,
  MAX_POST_TEXT,
  MAX_TERRITORIES,
  TITLE,
} from '../../../../domain/items/limits.js';
import { lineOfText, linesOfText } from '../stored-text.js';

/** Each once. */
export function distinct(values: readonly unknown[]): boolean {
  return new Set(values).size === values.length;
}

export const itemId = z.string().regex(/^[1-9][0-9]{0,17}$/, 'must be the id of an item');

export const title = lineOfText(TITLE.min, TITLE.max);

export const url = z.url({ protocol: /^https?$/ }).max(2048);

export const postText = linesOfText(MAX_POST_TEXT);

/** In any case; a territory is the same one in each. */
export const territory = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9_][a-z0-9_-]{0,31}$/, 'must be the name of a territory');

export const territories = z
  .array(territory)
  .max(MAX_TERRITORIES)
  .refine(distinct, 'must name each territory once');

/** What others get of the receivers' share of zaps. */
export const forwards = z
  .array(
    z.strictObject({
      name: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,31}$/, 'must be the name of an account'),
      percent: z.int().min(1).max(100),
    }),
  )
  .max(MAX_FORWARDS)
  .refine((all) => distinct(all.map(({ name }) => name)), 'must name each account once')
  .refine(
    (all) => all.reduce((sum, { percent }) => sum + percent, 0) <= 100,
    'must not be more than 100 percent together',
  );
export type NamedForward = z.output<typeof forwards>[number];

/** In whole sats; 0 for none. */
export const boostSats = z.int().min(0).max(ACT_SATS.max);

/** What every post has. */
export const postFields = {
  title,
  text: postText.default(''),
  territories: territories.default([]),
  boostSats: boostSats.default(0),
  forwards: forwards.default([]),
};
