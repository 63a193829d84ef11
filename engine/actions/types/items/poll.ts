import { z } from 'zod';
import { POLL_OPTIONS } from '../../../../domain/items/limits.js';
import { lineOfText } from '../stored-text.js';
import type { ItemKind } from './item-kind.js';
import { distinct, postFields } from './post-fields.js';

export const pollOption = lineOfText(1, POLL_OPTIONS.longest);

const args = z.strictObject({
  kind: z.literal('poll'),
  ...postFields,
  options: z
    .array(pollOption)
    .min(POLL_OPTIONS.min)
    .max(POLL_OPTIONS.max)
    .refine(distinct, 'must have each option once'),
  endsAt: z.iso
    .datetime()
    .optional()
    .meta({ description: 'Nobody can vote from then on; at least a day ahead.' }),
});

export const poll: ItemKind<typeof args> = {
  args,
  toItem: ({ options, endsAt = null, ...post }) => ({ ...post, poll: { options, endsAt } }),
};
