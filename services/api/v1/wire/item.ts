import { rowId } from '@quittance/sdk/answers';
import { z } from 'zod';
import { digits, pageQuery } from './page.js';

export const itemParams = z.strictObject({ id: rowId });

/** The list of paid items is ordered by the time of payment, one's own by number. */
const position = z.union([
  z.tuple([z.literal('paid'), digits, digits]),
  z.tuple([z.literal('own'), digits]),
]);

export const itemQuery = z.strictObject({
  author: z
    .literal('me')
    .optional()
    .meta({ description: 'The caller’s own items in any state, instead of all paid ones.' }),
  ...pageQuery(position),
});
