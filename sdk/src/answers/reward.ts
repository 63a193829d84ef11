import { z } from 'zod';
import { msatText } from './values.js';

const day = z.iso.date().meta({ examples: ['2026-11-25'] });

/** What the pool had for a day, and what was paid. */
export const rewardDayAnswer = z
  .object({
    day,
    state: z.enum(['CLOSED', 'PAID']),
    poolMsat: msatText,
    paidMsat: msatText,
    earners: z.int(),
  })
  .meta({ id: 'RewardDay' });

export const rewardDaysAnswer = z.object({ days: z.array(rewardDayAnswer) });

export const ownRewardsAnswer = z.object({
  rewards: z.array(z.object({ day, amountMsat: msatText, paid: z.boolean() })),
});

/** What was paid in a day (UTC), by type of action. */
export const statisticsAnswer = z.object({
  days: z.array(z.object({ day, type: z.string(), actions: z.string(), costMsat: msatText })),
});

export const streakAnswer = z
  .object({
    days: z.int().min(0).meta({ description: 'In a row, up to the last day that was counted.' }),
    firstDay: z.iso.date().nullable(),
  })
  .meta({ id: 'Streak' });
