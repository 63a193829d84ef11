import { z } from 'zod';
import { digits, nextCursor, pageQuery } from './page.js';
import { id, msatText, rowId, time } from './values.js';

export const itemAnswer = z
  .object({
    id: rowId,
    actionId: id,
    author: z.string().nullable().meta({ description: 'Account name; null when anonymous.' }),
    title: z.string(),
    url: z.string().nullable(),
    text: z.string(),
    state: z.enum(['PENDING', 'PAID', 'FAILED']),
    createdAt: time,
    paidAt: time.nullable(),
    zaps: z.int().min(0),
    zappedMsat: msatText,
  })
  .meta({ id: 'Item' });

export const itemPageAnswer = z
  .object({ items: z.array(itemAnswer), nextCursor })
  .meta({ id: 'ItemPage' });

export const itemParams = z.strictObject({ id: rowId });

/** In everybody's list by the moment of payment, in one's own by number. */
const position = z.union([
  z.tuple([z.literal('paid'), digits, digits]),
  z.tuple([z.literal('own'), digits]),
]);

export const itemQuery = z.strictObject({
  author: z
    .literal('me')
    .optional()
    .meta({ description: 'Own items in any state, instead of everybody’s paid ones.' }),
  ...pageQuery(position),
});
