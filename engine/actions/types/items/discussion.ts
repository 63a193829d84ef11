import { z } from 'zod';
import type { ItemKind } from './item-kind.js';
import { postFields } from './post-fields.js';

const args = z.strictObject({ kind: z.literal('discussion'), ...postFields });

export const discussion: ItemKind<typeof args> = { args, toItem: (post) => post };
