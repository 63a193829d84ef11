import { z } from 'zod';
import type { ItemKind } from './item-kind.js';
import { commentText } from './comment.js';

const args = z.strictObject({ kind: z.literal('bio'), text: commentText });

/** What an account says of itself: one at a time. */
export const bio: ItemKind<typeof args> = {
  args,
  toItem: ({ kind, text }) => ({
    ...{ kind, text, title: 'Bio', territories: [], boostSats: 0, forwards: [] },
  }),
};
