import { z } from 'zod';
import { percentOf, satsToMsat, toMsat } from '../../../domain/money.js';
import { Refusal } from '../../../domain/refusal.js';
import { readReceived } from '../../notices/received.js';
import { scheduleReceipts } from '../../notices/schedule-receipts.js';
import { tellOnce } from '../../notices/tell.js';
import { storedText } from './stored-text.js';
import type { PaidActionType } from './paid-action-type.js';

const PAYEE_PERCENT = 90n;
/** Of the whole, for routing; the rest is the pool's. */
const ROUTING_PERCENT = 3n;
export const MIN_PROXY_SATS = 2;
export const MAX_PROXY_SATS = 777_777;
export const MAX_COMMENT = 1000;
export const MAX_PAYER_DATA = 2_000;
export const MAX_ZAP_REQUEST = 10_000;

const args = z.strictObject({
  /** Account id of the payee. */
  payee: z.guid(),
  sats: z.number().int().min(MIN_PROXY_SATS).max(MAX_PROXY_SATS),
  comment: storedText.max(MAX_COMMENT).default(''),
  /** SHA-256 of what the payer was shown, hex. */
  descriptionHash: z.string().regex(/^[0-9a-f]{64}$/),
  // What follows came later, and may be missing in what was stored.
  /** What the payer says of itself (LUD-18): JSON, as it was sent. */
  payerData: storedText.max(MAX_PAYER_DATA).optional(),
  /** An event of nostr that asks for a receipt (NIP-57): JSON, as it was sent. */
  zapRequest: storedText.max(MAX_ZAP_REQUEST).optional(),
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

  async perform(tx, { actionId, costMsat, args: { payee, comment, payerData, zapRequest } }) {
    await tx.query(
      `insert into proxy_payments (action_id, payee, amount_msat, comment, payer_data, zap_request, state)
       values ($1, $2, $3, $4, $5, $6, 'PENDING')`,
      [actionId, payee, costMsat, comment, payerData ?? null, zapRequest ?? null],
    );
  },

  async afterPaid(tx, { actionId, args: { payee, comment, zapRequest } }) {
    const [received] = await readReceived(tx, actionId, ['PROXY_PAYMENT']);
    const amountMsat = received?.amountMsat ?? 0n;
    const detail = comment === '' ? {} : { comment };
    await tellOnce(tx, [
      { account: payee, kind: 'DEPOSIT', key: `deposit/${actionId}`, actionId, amountMsat, detail },
    ]);
    if (zapRequest !== undefined) await scheduleReceipts(tx, actionId, zapRequest);
  },

  describe: () => 'payment to a name',
};
