import { z } from 'zod';
import { satsToMsat } from '../../../domain/money.js';
import type { PaidActionType } from './paid-action-type.js';

const MAX_SATS = 1_000_000;

/** As many credits as sats. */
const args = z.strictObject({ sats: z.number().int().min(1).max(MAX_SATS) });
type Args = z.infer<typeof args>;

/**
 * Credits for the payer, as a lot that never expires. Paid by invoice: sats that were earned are turned into credits only where the
 * caller asks for it with payment `credits`, since they cannot be turned back.
 */
export const buyCredits: PaidActionType<Args> = {
  name: 'BUY_CREDITS',
  version: 1,
  args,
  anonymous: false,
  paymentMethods: ['sats', 'pessimistic'],
  policy: { balanceOnRequest: true },
  tables: [],

  quote(_db, { actor, args: { sats } }) {
    const costMsat = satsToMsat(BigInt(sats));
    if (actor === null) throw new Error('credits without an account');
    const holder = { accountId: actor };
    const share = { kind: 'BUY_CREDITS', asset: 'CREDITS', holder, amountMsat: costMsat } as const;
    return Promise.resolve({ costMsat, shares: [share] });
  },

  describe: ({ sats }) => `${sats} sats of credits`,
};
