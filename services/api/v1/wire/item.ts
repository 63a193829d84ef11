import { rowId } from '@quittance/sdk/answers';
import { z } from 'zod';
import { territory } from '../../../../engine/actions/types/items/post-fields.js';
import { digits, pageQuery } from './page.js';
import { storable } from './values.js';

export const itemParams = z.strictObject({ id: rowId });

/** A sort key, as PostgreSQL writes a number. */
const key = z.string().regex(/^-?\d{1,19}(\.\d{1,20})?(e[+-]?\d{1,3})?$/);

/** In lists of everybody's by their order, in the caller's own list by number. */
const feedPosition = z.tuple([z.enum(['hot', 'recent', 'top']), key, digits]);
const position = z.union([feedPosition, z.tuple([z.literal('own'), digits])]);

const order = z.enum(['hot', 'recent', 'top']);

export const itemQuery = z.strictObject({
  author: z
    .literal('me')
    .optional()
    .meta({ description: 'The caller’s own items in any state, instead of all paid posts.' }),
  territory: territory
    .optional()
    .meta({ description: 'Only posts of this territory.', examples: ['bitcoin'] }),
  sort: order.optional().meta({
    description:
      'hot: by what was paid for a post lately; recent: by the time of its payment; top: by all that was paid for it. Left out: recent, and of a territory what its owner has chosen.',
  }),
  ...pageQuery(position),
});

export const commentQuery = z.strictObject({
  sort: order.default('hot'),
  ...pageQuery(feedPosition),
});

export const searchQuery = z.strictObject({
  q: storable
    .trim()
    .min(1)
    .max(200)
    .meta({
      description: 'Words. Quotes keep them together, a minus excludes one, `or` allows either.',
      examples: ['lightning -testnet'],
    }),
  ...pageQuery(z.tuple([z.literal('search'), key, digits])),
});
