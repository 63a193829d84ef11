import { z } from 'zod';
import { readReceived } from '../../notices/received.js';
import { tellOnce } from '../../notices/tell.js';
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
  async afterPaid(tx, { actionId, args: { day } }) {
    const received = await readReceived(tx, actionId, ['REWARD', 'REFERRAL']);
    await tellOnce(
      tx,
      received.map(({ account, kind, amountMsat }) => ({
        ...{ account, kind: kind === 'REFERRAL' ? 'REFERRAL' : 'REWARD', amountMsat, actionId },
        ...{ key: `${kind.toLowerCase()}/${day}/${actionId}`, detail: { day } },
      })),
    );
  },

  describe: ({ day }) => `rewards of ${day}`,
};
