import { nextCursor, rowId, time } from '@quittance/sdk/answers';
import { z } from 'zod';
import { slipRules } from '../../../../domain/intake/slips/rules.js';
import { digits, pageQuery } from './page.js';

const position = z.tuple([
  digits,
  digits,
  z
    .string()
    .regex(/^\d{1,3}$/)
    .transform(Number),
]);

export const participantsQuery = z.strictObject({
  ...pageQuery(position),
  order: digits.optional().meta({ description: 'Only of this order.' }),
});

const participant = z
  .object({
    orderId: rowId,
    lineItem: z.string(),
    position: z.int().meta({ description: 'From 1, within the line item.' }),
    name: z.string(),
    email: z.string(),
    product: z.string(),
    fields: z.record(z.string(), z.string()),
    savedAt: time,
    changedAt: time.nullable(),
    removedAt: time.nullable().meta({ description: 'Since when the order names it no longer.' }),
    erasedAt: time.nullable(),
    slip: z
      .object({
        version: z.int(),
        mail: z.string().meta({ description: 'held, waiting, sent or given_up.' }),
        validity: z.string().meta({ description: 'valid, outdated or void.' }),
        sentAt: time.nullable(),
        lastError: z.string().nullable(),
      })
      .nullable(),
  })
  .meta({ id: 'Participant' });

export const participantsAnswer = z
  .object({ participants: z.array(participant), nextCursor })
  .meta({ id: 'ParticipantPage' });

const preview = z
  .boolean()
  .default(false)
  .meta({ description: 'Count only: nothing is changed, and nothing mailed.' });

export const askForSlipsBody = z.strictObject({
  order: digits.nullable().default(null).meta({ description: 'Null: all that are held.' }),
  again: z
    .boolean()
    .default(false)
    .meta({ description: 'Of an order: also to participants who were mailed one already.' }),
  preview,
});

export const slipsAskedAnswer = z
  .object({
    mails: z.int().meta({ description: 'Mails to customers that this is, or would be.' }),
    again: z.int().meta({ description: 'Of those, to participants who had one already.' }),
  })
  .meta({ id: 'SlipsAsked' });

export const slipRulesBody = z.strictObject({
  slips: z.strictObject(slipRules.shape).nullable(),
});
export const slipRulesAnswer = z.object({ changed: z.literal(true) }).meta({ id: 'SlipRules' });
