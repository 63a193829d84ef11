import type { ClientBase } from 'pg';
import { applyOperation } from '../credits/apply-operation.js';
import type { LotGrant, LotGrants } from '../credits/grant.js';
import type { Us } from '../../domain/credits/time.js';
import type { Msat } from '../../domain/money.js';
import type { ActionRef } from './contract.js';
import type { PayOut } from './types/paid-action-type.js';

/** Credits of an account whose lots were found, under its lock, to be enough at a moment. */
export interface CreditSource {
  readonly kind: 'credits';
  readonly payer: string;
  readonly amountMsat: Msat;
  readonly atUs: Us;
}

/** Who receives credits because of an attempt. The accounts among them are granted lots, which never expire. */
export interface Received {
  readonly shares: readonly PayOut[];
  readonly refunds: readonly PayOut[];
}

/** Lots for what the entry of this key posts to accounts. */
export function grantsFor(key: string, ref: ActionRef, received: Received): LotGrants {
  return { ref: key, grants: grantsOf(ref, received) };
}

/** The same where the payer's lots are drained for it: one operation, at the moment at which they were found to be enough. */
export async function drainForAttempt(
  tx: ClientBase,
  key: string,
  ref: ActionRef,
  { payer, amountMsat, atUs }: CreditSource,
  received: Received,
): Promise<void> {
  const provider = 'QUITTANCE';
  const detail = { provider, origin: ref.actionId, paymentMethod: 'action_payment' };
  const { replayed } = await applyOperation(tx, {
    ledger: 'actions',
    ref: key,
    atUs,
    entries: [
      { kind: 'debit', address: payer, amount: amountMsat, covered: true, detail },
      ...grantsOf(ref, received).map((grant) => ({
        ...{ kind: 'grant' as const, address: grant.accountId, amount: grant.amountMsat },
        ...{ expiresUs: grant.expiresUs, detail: { provider, ...grant.detail } },
      })),
    ],
  });
  if (replayed) throw new Error(`lots of ${key} were moved before`);
}

function grantsOf({ actionId }: ActionRef, { shares, refunds }: Received): LotGrant[] {
  const grant = (
    { holder, amountMsat }: PayOut,
    detail: Pick<LotGrant['detail'], 'originRef' | 'paymentMethod'>,
  ): LotGrant[] =>
    'accountId' in holder
      ? [
          {
            ...{ accountId: holder.accountId, amountMsat, expiresUs: null },
            detail: { origin: actionId, ...detail },
          },
        ]
      : [];
  return [
    ...shares.flatMap((share) =>
      grant(share, { originRef: share.kind, paymentMethod: 'action_share' }),
    ),
    ...refunds.flatMap((refund) => grant(refund, { paymentMethod: 'action_refund' })),
  ];
}
