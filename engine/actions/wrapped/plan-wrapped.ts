import type { ClientBase } from 'pg';
import { mayBeCustodial, mayWrap, type PaymentPlan } from '../../../domain/actions/plan-payment.js';
import { type Msat, ZERO_MSAT } from '../../../domain/money.js';
import { Refusal } from '../../../domain/refusal.js';
import { forwardFeeBudget } from '../../../domain/payouts/fee-budget.js';
import { MIN_OUTGOING_MSAT } from '../../../domain/payouts/wrap-rules.js';
import { readSettings } from '../../accounts/settings.js';
import type { EngineContext } from '../../context.js';
import type { Leg } from '../../ledger/legs.js';
import type { Action } from '../action.js';
import { type PlannedMoney, planLegs, type WrappedShare } from '../attempt-money.js';
import type { ActionRef } from '../contract.js';
import { FORWARD, ROUTING_FEE } from '../outgoing/book-outgoing.js';
import type { Share } from '../types/paid-action-type.js';
import { findNextWallet } from '../wallets.js';

type Engine = Pick<EngineContext, 'wallets' | 'limits'>;

/**
 * The same plan, or one in which a payee with a wallet is paid there and all of the cost comes by a wrapped invoice; other payees get
 * credits. Throws Refusal `action.no_wallet` where the type allows nothing else.
 */
export async function withWrapped(
  engine: Engine,
  tx: ClientBase,
  action: Action,
  money: PlannedMoney,
): Promise<PlannedMoney> {
  const { paymentMethods } = action.type;
  if (!mayWrap(money.plan, paymentMethods)) return money;
  const found = await findPayee(engine, tx, action, money.shares);
  if (found === undefined) {
    if (mayBeCustodial(paymentMethods)) return money;
    throw new Refusal('action.no_wallet', 'no wallet of its payee can be paid now');
  }
  const { share, payee } = found;
  return {
    ...money,
    plan: { ...money.plan, ...byInvoice(action.costMsat) },
    shares: money.shares.filter((other) => other !== share),
    wrapped: { payee, kind: share.kind, amountMsat: share.amountMsat },
  };
}

/** The first that may be paid to a wallet and has one. */
async function findPayee(
  engine: Engine,
  tx: ClientBase,
  action: Action,
  shares: readonly Share[],
): Promise<{ readonly share: Share; readonly payee: string } | undefined> {
  if (engine.wallets === undefined) return undefined;
  for (const share of shares) {
    const { toWallet, amountMsat, holder } = share;
    if (toWallet !== true || amountMsat < MIN_OUTGOING_MSAT || !('accountId' in holder)) continue;
    const payee = holder.accountId;
    if (await isBelowThresholds(tx, action, payee, amountMsat)) continue;
    if ((await findNextWallet(engine, tx, { action, attempt: 0 }, payee)) !== undefined)
      return { share, payee };
  }
  return undefined;
}

/** Whether payer or payee wants so little to stay with us. What can only be paid to a wallet is. */
async function isBelowThresholds(
  tx: ClientBase,
  { type, actor, costMsat }: Action,
  payee: string,
  amountMsat: Msat,
): Promise<boolean> {
  if (!mayBeCustodial(type.paymentMethods)) return false;
  const [receiver, sender] = await Promise.all([
    readSettings(tx, payee),
    actor === null ? undefined : readSettings(tx, actor),
  ]);
  return (
    amountMsat < receiver.receiveCreditsBelowMsat ||
    (sender !== undefined && costMsat < sender.sendCreditsBelowMsat)
  );
}

function byInvoice(costMsat: Msat): Omit<PaymentPlan, 'flow'> {
  return { creditsMsat: ZERO_MSAT, satsMsat: ZERO_MSAT, invoiceMsat: costMsat };
}

/** Legs of a wrapped attempt whose payee's invoice is about `payeeMsat`. */
export function wrappedLegs(
  action: Pick<Action, 'actor' | 'costMsat' | 'type'>,
  others: readonly Share[],
  payeeMsat: Msat,
  hash: string | null,
): readonly Leg[] {
  const outside = { asset: 'SATS', holder: { system: 'outside' } } as const;
  const plan = { ...byInvoice(action.costMsat), flow: 'pessimistic' } as const;
  const forward = { kind: FORWARD, ...outside, amountMsat: payeeMsat };
  const fee = { kind: ROUTING_FEE, ...outside, amountMsat: feeBudgetOf(action, payeeMsat) };
  return planLegs(action, plan, [forward, fee, ...others], hash);
}

/** What routing to the payee of a wrapped attempt may cost. */
export function feeBudgetOf(
  { type, costMsat }: Pick<Action, 'type' | 'costMsat'>,
  payeeMsat: Msat,
): Msat {
  return type.forwardFeeMsat?.(payeeMsat, costMsat) ?? forwardFeeBudget(payeeMsat);
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
