import { z } from 'zod';
import { BILLINGS } from '../../domain/territories/billing.js';
import { isStorable } from '../../domain/storable.js';

export const POST_TYPES = ['LINK', 'DISCUSSION', 'POLL', 'BOUNTY', 'JOB'] as const;
const MAX_COST_SATS = 100_000;

/** In lower case, however it is written. */
export const territoryName = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9_]{2,32}$/, 'must be 2 to 32 letters a to z, digits and underscores');

const costSats = z.number().int().min(1).max(MAX_COST_SATS);

export const billing = z.enum(BILLINGS);

/** What the owner of a territory decides. */
export const territorySettings = {
  description: z
    .string()
    .max(1000)
    .refine(isStorable, 'must be valid Unicode without NUL')
    .default(''),
  /** Of a post. */
  baseCostSats: costSats.default(1),
  replyCostSats: costSats.default(1),
  postTypes: z
    .array(z.enum(POST_TYPES))
    .min(1)
    .max(POST_TYPES.length)
    .refine((types) => new Set(types).size === types.length, 'must name each type once')
    .default([...POST_TYPES]),
  ranking: z.enum(['WOT', 'RECENT']).default('WOT'),
  moderated: z.boolean().default(false),
  autoRenew: z.boolean().default(true),
};

export type TerritorySettings = z.output<z.ZodObject<typeof territorySettings>>;

/** Those that are to be changed. */
export const territoryChanges = {
  description: territorySettings.description.unwrap().exactOptional(),
  baseCostSats: costSats.exactOptional(),
  replyCostSats: costSats.exactOptional(),
  postTypes: territorySettings.postTypes.unwrap().exactOptional(),
  ranking: territorySettings.ranking.unwrap().exactOptional(),
  moderated: z.boolean().exactOptional(),
  autoRenew: z.boolean().exactOptional(),
};

export type TerritoryChanges = Partial<TerritorySettings>;
