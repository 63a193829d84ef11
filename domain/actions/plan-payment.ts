import { addMsat, type Msat, MSAT_PER_SAT, subtractMsat, toMsat, ZERO_MSAT } from '../money.js';
import { Refusal } from '../refusal.js';

/** How a type may be paid, in its order of preference. */
export type PaymentMethod = 'p2p' | 'credits' | 'sats' | 'optimistic' | 'pessimistic';

/** What the caller asks for. `auto`: by balance as far as it goes, the rest by invoice. `credits`: by balance only. */
export type Payment = 'auto' | 'credits' | 'invoice';

export interface Balances {
  readonly creditsMsat: Msat;
  readonly satsMsat: Msat;
}

/** Of each source how much, in msat; together the cost. */
export interface PaymentPlan {
  readonly creditsMsat: Msat;
  readonly satsMsat: Msat;
  readonly invoiceMsat: Msat;
  readonly flow: 'credits' | 'optimistic' | 'pessimistic';
}

/** Whether a payee may be paid to a wallet, by a wrapped invoice of the whole cost: never where the balance covers it. */
export function mayWrap({ flow }: PaymentPlan, methods: readonly PaymentMethod[]): boolean {
  return flow !== 'credits' && methods.includes('p2p');
}

/** Whether it may be paid without a wallet of its payee: by balance, or by an invoice of ours with credits for the payee. */
export function mayBeCustodial(methods: readonly PaymentMethod[]): boolean {
  return methods.some((method) => method !== 'p2p');
}

export interface PaymentRequest {
  readonly payment: Payment;
  readonly methods: readonly PaymentMethod[];
  readonly costMsat: Msat;
  /** Undefined for the anonymous. */
  readonly balances: Balances | undefined;
}

/**
 * Credits before sats, and the rest by an invoice of whole sats, as the peer spends them. With an invoice the action is performed
 * first (optimistic) where its type allows that and the payer has an account. Throws Refusal `action.insufficient_credits` or
 * `action.flow_not_supported`.
 */
export function planPayment(request: PaymentRequest): PaymentPlan {
  const { payment, costMsat, balances } = request;
  if (balances === undefined && payment === 'credits') {
    throw new Refusal('action.flow_not_supported', 'without an account there is no balance');
  }
  if (payment === 'credits' && !mayBeCustodial(request.methods)) {
    throw new Refusal('action.flow_not_supported', 'it is paid to a wallet of its payee only');
  }
  const usable = payment === 'invoice' ? NO_BALANCE : usableOf(request);
  const spent = spendingOf(usable, costMsat);
  if (spent.invoiceMsat === 0n) return { ...spent, flow: 'credits' };
  if (payment === 'credits') {
    const sum = addMsat(usable.creditsMsat, usable.satsMsat);
    throw new Refusal(
      'action.insufficient_credits',
      `it costs ${costMsat} msat, the balance is ${sum} msat`,
    );
  }
  return { ...spent, flow: flowOf(request) };
}

const NO_BALANCE: Balances = { creditsMsat: ZERO_MSAT, satsMsat: ZERO_MSAT };

/** What of the balances may pay for this type. */
function usableOf({ methods, balances }: PaymentRequest): Balances {
  if (balances === undefined) return NO_BALANCE;
  return {
    creditsMsat: methods.includes('credits') ? balances.creditsMsat : ZERO_MSAT,
    satsMsat: methods.includes('sats') ? balances.satsMsat : ZERO_MSAT,
  };
}

function flowOf({ methods, balances }: PaymentRequest): 'optimistic' | 'pessimistic' {
  // Its payee's wallet makes the invoice, or it is refused.
  if (methods.length > 0 && !mayBeCustodial(methods)) return 'pessimistic';
  const possible = methods.find(
    (method) => method === 'pessimistic' || (method === 'optimistic' && balances !== undefined),
  );
  if (possible === 'optimistic' || possible === 'pessimistic') return possible;
  // To a wallet of the payee or not at all, by a hold invoice.
  if (methods.includes('p2p')) return 'pessimistic';
  throw new Refusal('action.flow_not_supported', 'it cannot be paid by an invoice');
}

/**
 * All of it by balance where that covers it, credits first. Else all credits, of the sats the piece that makes the rest whole sats,
 * and whole sats; where the sats cannot give that piece, only whole sats of each.
 */
export function spendingOf(
  { creditsMsat, satsMsat }: Balances,
  costMsat: Msat,
): Omit<PaymentPlan, 'flow'> {
  const credits = min(creditsMsat, costMsat);
  const needed = subtractMsat(costMsat, credits);
  if (satsMsat >= needed) return planOf(costMsat, credits, needed);
  const piece = needed % MSAT_PER_SAT;
  if (satsMsat >= piece) {
    const whole = satsMsat - piece - ((satsMsat - piece) % MSAT_PER_SAT);
    return planOf(costMsat, credits, toMsat(piece + whole));
  }
  return planOf(costMsat, wholeSats(credits), wholeSats(satsMsat));
}

function planOf(costMsat: Msat, creditsMsat: Msat, satsMsat: Msat): Omit<PaymentPlan, 'flow'> {
  const invoiceMsat = subtractMsat(subtractMsat(costMsat, creditsMsat), satsMsat);
  return { creditsMsat, satsMsat, invoiceMsat };
}

function wholeSats(msat: Msat): Msat {
  return toMsat(msat - (msat % MSAT_PER_SAT));
}

function min(a: Msat, b: Msat): Msat {
  return a < b ? a : b;
}
