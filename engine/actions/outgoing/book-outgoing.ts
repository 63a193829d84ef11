import type { ClientBase } from 'pg';
import { addMsat, type Msat } from '../../../domain/money.js';
import { trueUp } from '../../../domain/payouts/fee-budget.js';
import { type Booking, type Leg, payableId } from '../../ledger/legs.js';
import { isBalance, POOL } from '../attempt-money.js';
import {
  type AttemptMoney,
  givenBack,
  moved,
  nextNumber,
  overpaidMsat,
  paidKey,
  settleBookings,
  withConversion,
} from '../book-attempt.js';

/** Leg kinds of what leaves. The schema counts on them. */
export const WITHDRAWAL = 'WITHDRAWAL';
export const FORWARD = 'FORWARD';
export const ROUTING_FEE = 'ROUTING_FEE';

/** A payment that has succeeded. */
export interface PaidOut {
  readonly amountMsat: Msat;
  readonly maxFeeMsat: Msat;
  /** Null would be one that has not succeeded. */
  readonly feeMsat: Msat;
}

/** A withdrawal that succeeded: the amount and its real fee leave, and the rest of the budget goes back. */
export async function bookWithdrawn(
  tx: ClientBase,
  money: AttemptMoney,
  paid: PaidOut,
): Promise<void> {
  const { leftMsat } = trueUp(paid.maxFeeMsat, paid.feeMsat);
  const back = money.legs.find(isBalance)?.holder ?? null;
  await book(tx, money, paidKey(money.ref), [
    ...paidOutLegs(money.legs, paid),
    ...feeLoss(paid),
    ...added({ side: 'refund', kind: 'FEE_RETURNED', holder: back, actualMsat: leftMsat }),
  ]);
}

/** A wrapped payment whose incoming money is there: what is left of the fee's budget is the pool's, what was paid over the price goes back. */
export async function bookForwarded(
  tx: ClientBase,
  money: AttemptMoney,
  paid: PaidOut,
  receivedMsat: Msat,
): Promise<void> {
  const { legs, actor } = money;
  const incoming = legs.flatMap((leg) =>
    leg.side === 'in' && !isBalance(leg) ? [moved(leg, receivedMsat)] : [],
  );
  await book(tx, money, paidKey(money.ref), [
    ...incoming,
    ...sharesWithPool(legs, paid),
    ...givenBack(overpaidMsat(legs, receivedMsat), actor, 'OVERPAID', 0),
  ]);
}

/** The payee was paid and the incoming money is gone: all of it is our loss, and everybody gets what was promised. */
export async function bookForwardedForNothing(
  tx: ClientBase,
  money: AttemptMoney,
  paid: PaidOut,
): Promise<void> {
  const missing = money.legs.filter((leg) => leg.side === 'in' && leg.actualMsat === null);
  const actualMsat = addMsat(...missing.flatMap(({ plannedMsat }) => plannedMsat ?? []));
  await book(tx, money, paidKey(money.ref), [
    ...loss('LOSS', actualMsat),
    ...sharesWithPool(money.legs, paid),
  ]);
}

/** What was paid out for an attempt that has failed, and was given back to its payer: our loss. */
export async function bookPaidForNothing(
  tx: ClientBase,
  money: AttemptMoney,
  paid: PaidOut,
): Promise<void> {
  await book(tx, money, `${payableId(money.ref)}/loss`, [
    ...paidOutLegs(money.legs, paid),
    ...loss('LOSS', addMsat(paid.amountMsat, paid.feeMsat)),
  ]);
}

function sharesWithPool(legs: readonly Leg[], paid: PaidOut): readonly Leg[] {
  const others = legs.filter((leg) => leg.side === 'out' && !leaves(leg));
  const { leftMsat } = trueUp(paid.maxFeeMsat, paid.feeMsat);
  return [
    ...paidOutLegs(legs, paid),
    ...others.map((leg) => moved(leg, leg.plannedMsat)),
    ...feeLoss(paid),
    ...added({ side: 'out', kind: POOL, holder: { system: 'pool' }, actualMsat: leftMsat }),
  ];
}

/** Whether a leg of that kind goes out of the system by a payment. */
export function leaves({ kind }: Pick<Leg, 'kind'>): boolean {
  return kind === WITHDRAWAL || kind === FORWARD || kind === ROUTING_FEE;
}

/** The planned legs of what has left, and one for the fee where none was planned. */
function paidOutLegs(legs: readonly Leg[], paid: PaidOut): readonly Leg[] {
  const planned = legs.filter((leg) => leg.side === 'out' && leaves(leg));
  const hasFee = planned.some(({ kind }) => kind === ROUTING_FEE);
  const out = planned.flatMap((leg) => {
    const actualMsat = leg.kind === ROUTING_FEE ? paid.feeMsat : paid.amountMsat;
    return actualMsat === 0n ? [] : [moved(leg, actualMsat)];
  });
  if (hasFee) return out;
  const outside = { system: 'outside' } as const;
  const { feeMsat: actualMsat } = paid;
  return [...out, ...added({ side: 'out', kind: ROUTING_FEE, holder: outside, actualMsat })];
}

function feeLoss({ maxFeeMsat, feeMsat }: PaidOut): readonly Leg[] {
  return loss('FEE_LOSS', trueUp(maxFeeMsat, feeMsat).excessMsat);
}

function loss(kind: 'LOSS' | 'FEE_LOSS', actualMsat: Msat): readonly Leg[] {
  return added({ side: 'in', kind, holder: { system: 'losses' }, actualMsat });
}

/** Legs that were not planned get their number when they are booked. */
function added(
  leg: Pick<Leg, 'side' | 'kind' | 'holder'> & { readonly actualMsat: Msat },
): readonly Leg[] {
  if (leg.actualMsat === 0n) return [];
  return [{ n: 0, asset: 'SATS', hash: null, plannedMsat: null, ...leg }];
}

async function book(
  tx: ClientBase,
  { ref, actor, legs }: AttemptMoney,
  key: string,
  booked: readonly Leg[],
): Promise<void> {
  const from = nextNumber(legs);
  const planned = booked.filter(({ n }) => n > 0);
  const extra = booked
    .filter(({ n }) => n === 0)
    .map((leg, index): Leg => ({ ...leg, n: from + index }));
  const before = legs.filter(
    ({ actualMsat, side }) => actualMsat !== null && side !== 'conversion',
  );
  const all = withConversion([...before, ...planned, ...extra], from);
  const booking: Booking = {
    payable: ref,
    key,
    moved: planned,
    added: all.slice(before.length + planned.length),
  };
  await settleBookings(tx, [{ ref, actor }], [booking]);
}
