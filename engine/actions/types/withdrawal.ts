import type { ClientBase } from 'pg';
import { z } from 'zod';
import { tellOnce } from '../../notices/tell.js';
import type { ActionContext, PaidActionType } from './paid-action-type.js';

const msat = z.string().regex(/^\d{1,19}$/);

const args = z.strictObject({
  bolt11: z.string(),
  /** By the node's reading of the invoice. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  amountMsat: msat,
  maxFeeMsat: msat,
});
export type WithdrawalArgs = z.infer<typeof args>;

/** Its owner learns how it ended: also of one that the system has opened. */
async function tell(
  tx: ClientBase,
  { actionId, actor, args: { amountMsat } }: ActionContext<WithdrawalArgs>,
  kind: 'WITHDRAWAL' | 'WITHDRAWAL_FAILED',
): Promise<void> {
  if (actor === null) return;
  await tellOnce(tx, [
    {
      ...{ account: actor, kind, key: `withdrawal/${actionId}`, actionId },
      amountMsat: BigInt(amountMsat),
    },
  ]);
}

/** Sats of an account that leave by a Lightning payment. Opened by a door of its own, which asks the node first. */
export const withdrawal: PaidActionType<WithdrawalArgs> = {
  name: 'WITHDRAWAL',
  version: 1,
  args,
  anonymous: false,
  paymentMethods: ['sats'],
  policy: { retry: false },
  tables: [],
  quote: () => Promise.reject(new Error('a withdrawal is not opened as other actions are')),
  afterPaid: (tx, action) => tell(tx, action, 'WITHDRAWAL'),
  afterFailed: (tx, action) => tell(tx, action, 'WITHDRAWAL_FAILED'),
  describe: () => 'withdrawal',
};

/** Sats above an account's threshold that leave by themselves, to a wallet of the account. */
export const autoWithdrawal: PaidActionType<WithdrawalArgs> = {
  ...withdrawal,
  name: 'AUTO_WITHDRAWAL',
  describe: () => 'auto-withdrawal',
};
