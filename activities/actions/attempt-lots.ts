import type { ClientBase } from 'pg';
import { applyOperation } from '../credits/apply-operation.js';
import type { Gift, Giving } from '../credits/give-lots.js';
import type { Us } from '../../domain/credits/time.js';
import type { Msat } from '../../domain/money.js';
import type { ActionRef } from './contract.js';
import type { PayOut } from './types/paid-action-type.js';

/** Credits of an account whose lots were found, under its lock, to be enough at a moment. */
export interface CreditSource {
  readonly kind: 'credits';
  readonly owner: string;
  readonly amountMsat: Msat;
  readonly atUs: Us;
}

/** Who receives credits because of an attempt. Lots are made for the accounts among them; they never expire. */
export interface Received {
  readonly shares: readonly PayOut[];
  readonly refunds: readonly PayOut[];
}

/** Lots for what the entry of this key posts to accounts. */
export function givingFor(key: string, ref: ActionRef, received: Received): Giving {
  return { ref: key, gifts: giftsOf(ref, received) };
}

/** The same where the payer's lots are drained for it: one operation, at the moment at which they were found to be enough. */
export async function drainForAttempt(
  tx: ClientBase,
  key: string,
  ref: ActionRef,
  { owner, amountMsat, atUs }: CreditSource,
  received: Received,
): Promise<void> {
  const provider = 'QUITTANCE';
  const detail = { provider, origin: ref.actionId, paymentMethod: 'action_payment' };
  const { replayed } = await applyOperation(tx, {
    ledger: 'actions',
    ref: key,
    atUs,
    parts: [
      { kind: 'take', address: owner, amount: amountMsat, covered: true, detail },
      ...giftsOf(ref, received).map((gift) => ({
        ...{ kind: 'give' as const, address: gift.accountId, amount: gift.amountMsat },
        ...{ expiresUs: gift.expiresUs, detail: { provider, ...gift.detail } },
      })),
    ],
  });
  if (replayed) throw new Error(`lots of ${key} were moved before`);
}

function giftsOf({ actionId }: ActionRef, { shares, refunds }: Received): Gift[] {
  const gift = (
    { holder, amountMsat }: PayOut,
    detail: Pick<Gift['detail'], 'originRef' | 'paymentMethod'>,
  ): Gift[] =>
    'owner' in holder
      ? [
          {
            ...{ accountId: holder.owner, amountMsat, expiresUs: null },
            detail: { origin: actionId, ...detail },
          },
        ]
      : [];
  return [
    ...shares.flatMap((share) =>
      gift(share, { originRef: share.kind, paymentMethod: 'action_share' }),
    ),
    ...refunds.flatMap((refund) => gift(refund, { paymentMethod: 'action_refund' })),
  ];
}
