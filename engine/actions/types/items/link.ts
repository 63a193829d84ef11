import { z } from 'zod';
import type { ItemKind } from './item-kind.js';
import { postFields, url } from './post-fields.js';

const args = z.strictObject({ kind: z.literal('link'), url, ...postFields });

export const link: ItemKind<typeof args> = { args, toItem: (post) => post };
