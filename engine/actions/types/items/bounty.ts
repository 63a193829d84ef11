import { z } from 'zod';
import { BOUNTY_SATS } from '../../../../domain/items/limits.js';
import type { ItemKind } from './item-kind.js';
import { postFields } from './post-fields.js';

/** In whole sats, for the comment that its author chooses. */
export const bountySats = z.int().min(BOUNTY_SATS.min).max(BOUNTY_SATS.max);

const args = z.strictObject({ kind: z.literal('bounty'), ...postFields, bountySats });

export const bounty: ItemKind<typeof args> = {
  args,
  toItem: ({ bountySats: sats, ...post }) => ({ ...post, bounty: sats }),
};
