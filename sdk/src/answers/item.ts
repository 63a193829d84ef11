import { z } from 'zod';
import { id, msatText, nextCursor, rowId, time } from './values.js';

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
