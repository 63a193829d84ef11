import { nextCursor, rowId, time } from '@quittance/sdk/answers';
import { z } from 'zod';
import { problemOf } from '../../../../domain/intake/opening-hours.js';
import { digits, pageQuery } from './page.js';

const tier = z.object({
  p: z.number(),
  method: z.enum(['kaplan-meier', 'log-normal', 'default', 'kept']),
  hours: z.number().meta({ description: 'Hours of the clock.' }),
  learnedHours: z
    .number()
    .nullable()
    .meta({ description: 'What the data said, before bounds and the limit of change.' }),
});

const version = z.object({
  version: rowId,
  status: z.string(),
  paymentMethod: z
    .string()
    .nullable()
    .meta({ description: 'Null: of all methods without a threshold of their own.' }),
  madeAt: time,
  clock: z.enum(['business', 'wall']),
  exits: z.int().min(0),
  censored: z.int().min(0).meta({ description: 'Orders that were still in the status.' }),
  verify: tier.meta({ description: 'After this the store is asked.' }),
  alert: tier.meta({ description: 'After this people are told.' }),
  alarmsPerDay: z.number().meta({ description: 'False alarms that are to be expected.' }),
  refused: z
    .enum(['too_few_exits', 'history_too_short'])
    .nullable()
    .meta({ description: 'Why nothing was learned.' }),
  frozen: z
    .boolean()
    .meta({ description: 'Many orders were stuck at once: what was in force is kept.' }),
});

export const thresholdsParams = z.strictObject({
  store: z.string().regex(/^[a-z0-9-]{1,60}$/, 'must be the id of a store'),
});
export const thresholdsQuery = z.strictObject(pageQuery(z.tuple([digits])));

export const thresholdsAnswer = z
  .object({
    current: z
      .array(version)
      .meta({ description: 'In force; what is not listed has its default.' }),
    versions: z.array(version).meta({ description: 'All there were, the newest first.' }),
    nextCursor,
  })
  .meta({ id: 'StoreThresholds' });

const minute = z.int().min(0).max(1440);

/** The whole of it: what is left out gets its default. */
export const openingHoursBody = z
  .strictObject({
    week: z
      .array(z.array(z.tuple([minute, minute])).max(24))
      .length(7)
      .meta({
        description: 'Seven days from Monday: spans of minutes after local midnight.',
        examples: [[[[540, 1020]], [[540, 1020]], [], [], [], [], []]],
      }),
    holidays: z.array(z.iso.date()).max(1_000).default([]),
    alarmsPerDay: z
      .number()
      .positive()
      .max(1_000)
      .nullable()
      .default(null)
      .meta({ description: 'False alarms accepted of one status; null for one in 100 orders.' }),
    medianHours: z
      .number()
      .min(0.1)
      .max(720)
      .default(8)
      .meta({ description: 'How long an order is believed to take at first.' }),
  })
  .superRefine(({ week, holidays }, context) => {
    const problem = problemOf({ zone: 'UTC', week, holidays });
    if (problem !== undefined) {
      context.addIssue({ code: 'custom', path: ['week'], message: problem });
    }
  });

export const openingHoursAnswer = z
  .object({
    week: z.array(z.array(z.array(z.int()))),
    holidays: z.array(z.string()),
    alarmsPerDay: z.number().nullable(),
    medianHours: z.number(),
  })
  .meta({ id: 'OpeningHours' });
