import { nextCursor, rowId, time } from '@quittance/sdk/answers';
import { z } from 'zod';
import { mailAddress } from '../../../../engine/intake/incidents/channel-settings.js';
import { digits, pageQuery } from './page.js';

const preview = z.boolean().default(false).meta({ description: 'Count only: nothing is changed.' });
const date = time.transform((text) => new Date(text));

export const recoverBody = z.strictObject({
  since: date.meta({ description: 'In the store’s time.' }),
  preview,
});
export const recoverAnswer = z
  .object({
    found: z.int().meta({ description: 'Orders that were modified since, drafts left out.' }),
    changed: z.int().nullable().meta({ description: 'Null in a preview.' }),
    nextSince: time
      .nullable()
      .meta({ description: 'Not all was read: call again from here. Null at the end.' }),
  })
  .meta({ id: 'StoreRecovered' });

export const startedAnswer = z.object({ started: z.literal(true) }).meta({ id: 'StoreChecked' });

export const deadLettersQuery = z.strictObject(pageQuery(z.tuple([digits])));
export const deadLettersAnswer = z
  .object({
    deadLetters: z.array(
      z.object({
        id: rowId,
        receivedAt: time,
        topic: z.string(),
        webhookId: z.string().nullable(),
        reason: z.string().meta({ description: 'bad_signature, or why its body is no order.' }),
        bytes: z.int(),
        orderId: z.string().nullable(),
        erasedAt: time.nullable(),
      }),
    ),
    nextCursor,
  })
  .meta({ id: 'StoreDeadLetterPage' });

export const replayBody = z.strictObject({
  ids: z
    .array(digits)
    .min(1)
    .max(1000)
    .optional()
    .meta({ description: 'Left out: all that were refused for their signature.' }),
  preview,
});
export const replayAnswer = z
  .object({
    replayed: z.int().meta({ description: 'Deliveries that are, or would be, taken in.' }),
  })
  .meta({ id: 'StoreReplayed' });

export const eraseBody = z
  .strictObject({
    email: mailAddress.optional(),
    order: digits.optional(),
    before: date
      .optional()
      .meta({ description: 'Orders last modified, and deliveries received, before.' }),
    preview,
  })
  .refine(
    ({ email, order, before }) =>
      [email, order, before].filter((given) => given !== undefined).length === 1,
    'exactly one of email, order and before must be given',
  );
export const eraseAnswer = z
  .object({
    orders: z.int(),
    participants: z.int(),
    slips: z.int(),
    deliveries: z.int(),
  })
  .meta({ id: 'StoreErased' });

const days = z.int().min(1).max(3650);
export const keepingBody = z.strictObject({ keepBodiesDays: days, keepPersonsDays: days });
export const keepingAnswer = z
  .object({ keepBodiesDays: days, keepPersonsDays: days })
  .meta({ id: 'StoreKeeping' });
