import { z } from 'zod';
import { percentOf, satsToMsat, toMsat } from '../../../domain/money.js';
import { Refusal } from '../../../domain/refusal.js';
import { storedText } from './stored-text.js';
import type { PaidActionType } from './paid-action-type.js';

const PAYEE_PERCENT = 90n;
/** Of the whole, for routing; the rest is the pool's. */
const ROUTING_PERCENT = 3n;
export const MIN_PROXY_SATS = 2;
export const MAX_PROXY_SATS = 777_777;
export const MAX_COMMENT = 1000;

const args = z.strictObject({
  /** Account id of the payee. */
  payee: z.guid(),
  sats: z.number().int().min(MIN_PROXY_SATS).max(MAX_PROXY_SATS),
  comment: storedText.max(MAX_COMMENT).default(''),
  /** SHA-256 of what the payer was shown, hex. */
  descriptionHash: z.string().regex(/^[0-9a-f]{64}$/),
});
type Args = z.infer<typeof args>;

/** A payment to the name of an account, which is paid to a wallet of it. Opened by LNURL-pay. */
export const proxyPayment: PaidActionType<Args> = {
  name: 'PROXY_PAYMENT',
  version: 1,
  args,
  anonymous: true,
  paymentMethods: ['p2p'],
  // The payer's wallet has the invoice and no way back to us.
  policy: { retry: false },
  tables: ['proxy_payments'],

  quote(_db, { args: { payee, sats } }) {
    const costMsat = satsToMsat(BigInt(sats));
    const holder = { accountId: payee };
    const amountMsat = percentOf(costMsat, PAYEE_PERCENT);
    const share = { kind: 'PROXY_PAYMENT', asset: 'CREDITS', holder, amountMsat } as const;
    return Promise.resolve({ costMsat, shares: [{ ...share, toWallet: true }] });
  },

  forwardFeeMsat: (_payeeMsat, costMsat) => percentOf(toMsat(costMsat), ROUTING_PERCENT),
  descriptionHash: ({ descriptionHash }) => descriptionHash,

  async validate(tx, { args: { payee } }) {
    const { rowCount } = await tx.query(`select from accounts where id = $1 and role = 'user'`, [
      payee,
    ]);
    if (rowCount !== 1) throw new Refusal('account.not_found', 'there is no such account');
  },

  async perform(tx, { actionId, costMsat, args: { payee, comment } }) {
    await tx.query(
      `insert into proxy_payments (action_id, payee, amount_msat, comment, state) values ($1, $2, $3, $4, 'PENDING')`,
      [actionId, payee, costMsat, comment],
    );
  },

  describe: () => 'payment to a name',
};
