import {
  ownRewardsAnswer,
  rewardDaysAnswer,
  statisticsAnswer,
  streakAnswer,
} from '@quittance/sdk/answers';
import { z } from 'zod';
import {
  readActionDays,
  readOwnRewards,
  readRewardDays,
} from '../../../../engine/rewards/read-rewards.js';
import { readStreak, STREAK_MSAT } from '../../../../engine/rewards/count-streaks.js';
import { Refusal } from '../../../../domain/refusal.js';
import type { ApiDeps } from '../../deps.js';
import type { ZodApp } from '../../zod-app.js';
import { accountOf } from '../access.js';

const tags = ['rewards'];
const DAYS = 100;
const DAY_MS = 86_400_000;
const MOST_DAYS = 400;

const day = z.iso.date().meta({ examples: ['2026-11-25'] });

export function addRewardRoutes(app: ZodApp, { reads }: ApiDeps): void {
  app.get(
    '/v1/rewards',
    {
      config: { access: 'anyone' },
      schema: {
        tags,
        summary: 'Read the newest days of the rewards pool',
        querystring: z.strictObject({ before: day.optional() }),
        response: { 200: rewardDaysAnswer },
      },
    },
    async ({ query: { before } }) => ({
      days: (await readRewardDays(reads, before, DAYS)).map(({ poolMsat, paidMsat, ...rest }) => ({
        ...rest,
        poolMsat: poolMsat.toString(),
        paidMsat: paidMsat.toString(),
      })),
    }),
  );
  app.get(
    '/v1/rewards/me',
    {
      config: { access: 'account' },
      schema: {
        tags,
        summary: 'Read what the caller has earned, by day',
        response: { 200: ownRewardsAnswer },
      },
    },
    async (request) => {
      const rewards = await readOwnRewards(reads, accountOf(request).id, DAYS);
      return {
        rewards: rewards.map(({ amountMsat, ...rest }) => ({
          ...rest,
          amountMsat: amountMsat.toString(),
        })),
      };
    },
  );
  app.get(
    '/v1/streaks/me',
    {
      config: { access: 'account' },
      schema: {
        tags,
        summary: 'Read on how many days in a row the caller has spent enough',
        description: `Days are UTC and counted once they are over, by the time at which things became paid: ${STREAK_MSAT} msat a day.`,
        response: { 200: streakAnswer },
      },
    },
    async (request) => {
      const streak = await readStreak(reads, accountOf(request).id);
      return { days: streak?.days ?? 0, firstDay: streak?.firstDay ?? null };
    },
  );
  addStatistics(app, reads);
}

function addStatistics(app: ZodApp, reads: ApiDeps['reads']): void {
  app.get(
    '/v1/statistics',
    {
      config: { access: 'anyone' },
      schema: {
        tags,
        summary: 'Count what was paid, by day and type of action',
        description: `Days are UTC and counted once they are over; at most ${MOST_DAYS} of them.`,
        querystring: z.strictObject({ from: day, through: day }),
        response: { 200: statisticsAnswer },
      },
    },
    async ({ query: { from, through } }) => {
      const days = (Date.parse(through) - Date.parse(from)) / DAY_MS;
      if (days < 0 || days >= MOST_DAYS) {
        const message = `must be from the same day to ${MOST_DAYS - 1} days after from`;
        throw new Refusal('request.invalid', `through: ${message}`, [{ path: 'through', message }]);
      }
      const counted = await readActionDays(reads, from, through);
      return {
        days: counted.map(({ actions, ...rest }) => ({ ...rest, actions: actions.toString() })),
      };
    },
  );
}
