import { z } from 'zod';
import { MAX_COMMENT_TEXT } from '../../../../domain/items/limits.js';
import { shownLinesOfText } from '../stored-text.js';
import type { ItemKind } from './item-kind.js';
import { itemId } from './post-fields.js';

export const commentText = shownLinesOfText(MAX_COMMENT_TEXT);

const args = z.strictObject({ kind: z.literal('comment'), parentId: itemId, text: commentText });

/** Its territories are those of the post. */
export const comment: ItemKind<typeof args> = {
  args,
  toItem: (reply) => ({ ...reply, title: null, territories: [], boostSats: 0, forwards: [] }),
};
