import { rowId } from '@quittance/sdk/answers';
import { z } from 'zod';
import { digits, pageQuery } from './page.js';

export const itemParams = z.strictObject({ id: rowId });

/** In the public list by the time of payment, in the caller's own list by number. */
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
