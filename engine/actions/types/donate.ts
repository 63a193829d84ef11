import { z } from 'zod';
import { satsToMsat } from '../../../domain/money.js';
import type { PaidActionType } from './paid-action-type.js';

const MAX_SATS = 1_000_000;

const args = z.strictObject({ sats: z.number().int().min(1).max(MAX_SATS) });
type Args = z.infer<typeof args>;

/** A gift to the rewards pool. */
export const donate: PaidActionType<Args> = {
  name: 'DONATE',
  version: 1,
  args,
  anonymous: true,
  paymentMethods: ['credits', 'sats', 'pessimistic'],
  tables: ['donations'],

  // No share: all of it is the pool's.
  quote: (_db, { args: { sats } }) => Promise.resolve({ costMsat: satsToMsat(BigInt(sats)) }),

  async perform(tx, { actionId, actor, costMsat }) {
    await tx.query(
      `insert into donations (action_id, actor, amount_msat, state) values ($1, $2, $3, 'PENDING')`,
      [actionId, actor, costMsat],
    );
  },

  describe: ({ sats }) => `donation of ${sats} sats`,
};
