import { z } from 'zod';
import { accountName, msatText, time } from './values.js';

const territory = {
  name: z.string().meta({ examples: ['bitcoin'] }),
  owner: accountName,
  state: z
    .enum(['ACTIVE', 'GRACE', 'STOPPED'])
    .meta({ description: 'GRACE: what was paid for has ended. STOPPED: it can be unarchived.' }),
  billing: z.enum(['MONTHLY', 'YEARLY', 'ONCE']),
  priceMsat: msatText.meta({ description: 'Of one period, as it was bought.' }),
  autoRenew: z.boolean(),
  paidUntil: time.nullable().meta({ description: 'Null: for ever.' }),
  description: z.string(),
  baseCostMsat: msatText.meta({ description: 'Of a post.' }),
  replyCostMsat: msatText,
  postTypes: z.array(z.string()).meta({ examples: [['LINK', 'DISCUSSION']] }),
  ranking: z.enum(['WOT', 'RECENT']),
  rewardsPercent: z.int().meta({ description: 'What of a share is the pool’s.' }),
  moderated: z.boolean(),
  version: z.int().meta({ description: 'Counts its changes: a change says which one it is of.' }),
  createdAt: time,
};

/** A territory. */
export const territoryAnswer = z.object(territory).meta({ id: 'Territory' });

export const territoryPageAnswer = z.object({
  territories: z.array(territoryAnswer),
  nextCursor: z.string().nullable(),
});
