import { z } from 'zod';
import type { PaidActionType } from './paid-action-type.js';

const args = z.strictObject({ day: z.iso.date() });
type Args = z.infer<typeof args>;

/** The rewards of a day for some of its earners, paid by the pool. Written by ourselves, paid from the start. */
export const rewards: PaidActionType<Args> = {
  name: 'REWARDS',
  version: 1,
  args,
  anonymous: true,
  paymentMethods: [],
  policy: { retry: false },
  tables: [],
  quote: () => Promise.reject(new Error('rewards are not opened as other actions are')),
  describe: ({ day }) => `rewards of ${day}`,
};
