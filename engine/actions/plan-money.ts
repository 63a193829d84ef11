import type { ClientBase } from 'pg';
import { pipeline } from '../../db/pipeline.js';
import { type Payment, planPayment } from '../../domain/actions/plan-payment.js';
import { MAX_MSAT, type Msat, toMsat } from '../../domain/money.js';
import { fitsInvoice, MAX_DESCRIPTION_BYTES } from '../../domain/payouts/description.js';
import { Refusal } from '../../domain/refusal.js';
import { readSats } from '../accounts/accounts.js';
import type { EngineContext } from '../context.js';
import { lockCredits } from '../credits/accounts.js';
import { readSpendable } from '../credits/read-balance.js';
import { type Action, describe } from './action.js';
import { accountsOf, type PlannedMoney } from './attempt-money.js';
import type { Share } from './types/paid-action-type.js';
import { withWrapped } from './wrapped/plan-wrapped.js';

/**
 * Decides how an attempt is paid. Where the balance of an account may pay for some of it, its accounts are locked, in their order, and
 * stay so. Throws Refusal `action.insufficient_credits`, `action.flow_not_supported`, `action.no_wallet`, or `action.invalid_args` where
 * an invoice has no room for the description.
 */
export async function planMoney(
  engine: Pick<EngineContext, 'wallets' | 'limits'>,
  tx: ClientBase,
  action: Action,
  shares: readonly Share[],
  asked: Payment,
): Promise<PlannedMoney> {
  const planned = await decide(engine, tx, action, shares, asked);
  if (planned.plan.flow !== 'credits' && !fitsInvoice(describe(action))) {
    throw new Refusal(
      'action.invalid_args',
      `the description of its invoice has more than ${MAX_DESCRIPTION_BYTES} bytes`,
    );
  }
  return planned;
}

async function decide(
  engine: Pick<EngineContext, 'wallets' | 'limits'>,
  tx: ClientBase,
  action: Action,
  shares: readonly Share[],
  asked: Payment,
): Promise<PlannedMoney> {
  const { actor, costMsat, type } = action;
  const payment = asked === 'auto' && type.policy?.balanceOnRequest ? 'invoice' : asked;
  const request = { payment, methods: type.paymentMethods, costMsat };
  if (actor === null) {
    const plan = planPayment({ ...request, balances: undefined });
    return withWrapped(engine, tx, action, { plan, shares, atUs: undefined });
  }
  if (payment === 'invoice') {
    const balances = { creditsMsat: toMsat(0n), satsMsat: toMsat(0n) };
    const plan = planPayment({ ...request, balances });
    return withWrapped(engine, tx, action, { plan, shares, atUs: undefined });
  }
  const accounts = accountsOf(shares, actor);
  // In this order: the balance is read once the lock is held.
  const [, { msat, atUs }, satsMsat] = await pipeline([
    lockCredits(tx, accounts),
    readSpendable(tx, actor, accounts),
    readSats(tx, actor),
  ]);
  const balances = { creditsMsat: usable(msat), satsMsat: usable(satsMsat) };
  const plan = planPayment({ ...request, balances });
  return withWrapped(engine, tx, action, { plan, shares, atUs });
}

/** Nothing costs more than the largest amount; grants may sum to more. */
function usable(msat: bigint): Msat {
  return toMsat(msat > MAX_MSAT ? MAX_MSAT : msat);
}
