import type { ClientBase } from 'pg';
import { mayWrap, type PaymentPlan } from '../../../domain/actions/plan-payment.js';
import { type Msat, ZERO_MSAT } from '../../../domain/money.js';
import { forwardFeeBudget } from '../../../domain/payouts/fee-budget.js';
import { MIN_OUTGOING_MSAT } from '../../../domain/payouts/wrap-rules.js';
import type { EngineContext } from '../../context.js';
import type { Leg } from '../../ledger/legs.js';
import type { Action } from '../action.js';
import { type PlannedMoney, planLegs, type WrappedShare } from '../attempt-money.js';
import type { ActionRef } from '../contract.js';
import { FORWARD, ROUTING_FEE } from '../outgoing/book-outgoing.js';
import type { Share } from '../types/paid-action-type.js';
import { findNextWallet } from './wallets.js';

/** The same plan, or one in which a payee with a wallet is paid there and all of the cost comes by a wrapped invoice. */
export async function withWrapped(
  engine: Pick<EngineContext, 'wallets'>,
  tx: ClientBase,
  action: Action,
  money: PlannedMoney,
): Promise<PlannedMoney> {
  if (engine.wallets === undefined || !mayWrap(money.plan, action.type.paymentMethods))
    return money;
  // The first that has a wallet; shares are in the order of their amounts.
  for (const share of money.shares) {
    const { toWallet, amountMsat, holder, kind } = share;
    if (toWallet !== true || amountMsat < MIN_OUTGOING_MSAT || !('accountId' in holder)) continue;
    const payee = holder.accountId;
    const wallet = await findNextWallet(tx, { actionId: action.id, attempt: 0 }, payee);
    if (wallet === undefined) continue;
    return {
      ...money,
      plan: { ...money.plan, ...byInvoice(action.costMsat) },
      shares: money.shares.filter((other) => other !== share),
      wrapped: { payee, kind, amountMsat },
    };
  }
  return money;
}

function byInvoice(costMsat: Msat): Omit<PaymentPlan, 'flow'> {
  return { creditsMsat: ZERO_MSAT, satsMsat: ZERO_MSAT, invoiceMsat: costMsat };
}

/** Legs of a wrapped attempt whose payee's invoice is about `payeeMsat`. */
export function wrappedLegs(
  action: Pick<Action, 'actor' | 'costMsat'>,
  others: readonly Share[],
  payeeMsat: Msat,
  hash: string | null,
): readonly Leg[] {
  const outside = { asset: 'SATS', holder: { system: 'outside' } } as const;
  const plan = { ...byInvoice(action.costMsat), flow: 'pessimistic' } as const;
  const forward = { kind: FORWARD, ...outside, amountMsat: payeeMsat };
  const fee = { kind: ROUTING_FEE, ...outside, amountMsat: forwardFeeBudget(payeeMsat) };
  return planLegs(action, plan, [forward, fee, ...others], hash);
}

/** What the payee of a wrapped attempt gets where no wallet of it can be paid. */
export function custodialShare({ payee, kind, amountMsat }: WrappedShare): Share {
  return { kind, asset: 'CREDITS', holder: { accountId: payee }, amountMsat };
}

/** Undefined where the attempt is not wrapped, and was not. */
export async function wrappedShareOf(
  db: Pick<ClientBase, 'query'>,
  ref: ActionRef,
): Promise<WrappedShare | undefined> {
  const { rows } = await db.query<WrappedShare>(
    `select payee, payee_kind as kind, payee_msat as "amountMsat" from attempts
     where action_id = $1 and attempt = $2 and flow = 'wrapped'`,
    [ref.actionId, ref.attempt],
  );
  return rows[0];
}
