import type { ClientBase } from 'pg';
import { pipeline } from '../../db/pipeline.js';
import { usOfSeconds, type Us } from '../../domain/credits/time.js';
import { type Msat, subtractMsat } from '../../domain/money.js';
import type { EngineContext } from '../context.js';
import { applyOperation } from '../credits/apply-operation.js';
import { grantLots, type LotGrant, type LotGrants } from '../credits/grant.js';
import { refundDebit } from '../credits/refund.js';
import {
  type Booking,
  conversionFor,
  entryOf,
  type Leg,
  payableId,
  writeLegs,
} from '../ledger/legs.js';
import { postEntries } from '../ledger/post-entry.js';
import { asPlanned, backTo, isBalance, openClaims } from './attempt-money.js';
import type { ActionRef } from './contract.js';

/** An attempt whose money moves. All accounts that its legs and a refund to the actor move are locked. */
export interface AttemptMoney {
  readonly ref: ActionRef;
  readonly actor: string | null;
  readonly legs: readonly Leg[];
}

/** Writes the plan of an attempt that waits for an invoice. What it takes from the payer's balance is reserved at once. */
export async function bookOpening(tx: ClientBase, money: AttemptMoney, atUs?: Us): Promise<void> {
  const { ref, legs } = money;
  const balance = legs.filter(isBalance);
  const added = legs.map((leg) => (isBalance(leg) ? moved(leg, leg.plannedMsat) : leg));
  const booking = { payable: ref, key: reservedKey(ref), moved: [], added };
  if (balance.length === 0) return writeLegs(tx, [booking]);
  await pipeline([book(tx, [booking]), drain(tx, booking.key, money, [], atUs)]);
}

/** The whole payment of an attempt that the balance covers. */
export async function bookPaidByBalance(
  tx: ClientBase,
  money: AttemptMoney,
  atUs: Us | undefined,
): Promise<void> {
  const { ref } = money;
  const added = withConversion(asPlanned(money.legs));
  const booking = { payable: ref, key: paidKey(ref), moved: [], added };
  await pipeline([book(tx, [booking]), drain(tx, booking.key, money, grantsOf(ref, added), atUs)]);
}

/** An attempt that is paid by what its invoice received. */
export interface PaidAttempt extends AttemptMoney {
  readonly receivedMsat: Msat;
}

/** Books attempts that are paid, as many as there are in the same statements: once each. What was paid over the price goes back. */
export async function bookPaid(tx: ClientBase, paid: readonly PaidAttempt[]): Promise<void> {
  const bookings = paid.map((one) => paidBooking(one));
  await settleBookings(tx, paid, bookings);
}

function paidBooking({ ref, actor, legs, receivedMsat }: PaidAttempt): Booking {
  const arrived = legs.flatMap((leg) => {
    if (isBalance(leg)) return [];
    return [moved(leg, leg.side === 'in' ? receivedMsat : leg.plannedMsat)];
  });
  const before = legs.filter(isBalance);
  const added = givenBack(overpaidMsat(legs, receivedMsat), actor, 'OVERPAID', legs.length + 1);
  const all = withConversion([...before, ...arrived, ...added]);
  return { payable: ref, key: paidKey(ref), moved: arrived, added: all.slice(legs.length) };
}

export function overpaidMsat(legs: readonly Leg[], receivedMsat: Msat): Msat {
  const invoice = legs.find(({ side, hash }) => side === 'in' && hash !== null);
  return invoice?.plannedMsat === undefined || invoice.plannedMsat === null
    ? receivedMsat
    : subtractMsat(receivedMsat, invoice.plannedMsat);
}

/** Late money pays its action as a new attempt: all of its legs are new. */
export async function bookPaidLate(
  tx: ClientBase,
  { ref, actor, legs, receivedMsat }: PaidAttempt,
): Promise<void> {
  const arrived = legs.map((leg) => moved(leg, leg.side === 'in' ? receivedMsat : leg.plannedMsat));
  const back = givenBack(overpaidMsat(legs, receivedMsat), actor, 'OVERPAID', legs.length + 1);
  const added = withConversion([...arrived, ...back]);
  const booking = { payable: ref, key: paidKey(ref), moved: [], added };
  await settleBookings(tx, [{ ref, actor }], [booking]);
}

/** Money that came for an attempt that is over, or cannot be performed: it becomes the payer's credits, or a claim. */
export async function bookUnspent(
  tx: ClientBase,
  { ref, actor, legs, receivedMsat }: PaidAttempt,
): Promise<void> {
  const invoice = legs.filter(({ side, hash }) => side === 'in' && hash !== null);
  const arrived = invoice.map((leg) => moved(leg, receivedMsat));
  const from = nextNumber(legs);
  const added = withConversion(
    [...arrived, ...givenBack(receivedMsat, actor, 'UNSPENT', from)],
    from,
  );
  const booking: Booking = {
    payable: ref,
    key: `${payableId(ref)}/unspent`,
    moved: arrived,
    added: added.slice(arrived.length),
  };
  await settleBookings(tx, [{ ref, actor }], [booking]);
}

/**
 * Gives back what an attempt that fails had taken from its payer's balance: credits to the lots they were drained from. What has
 * expired meanwhile becomes a lot with a grace period, since a delay of ours must not cost the user anything. Returns the legs as
 * they are then.
 */
export async function bookRefund(
  { timers }: Pick<EngineContext, 'timers'>,
  tx: ClientBase,
  { ref, legs }: AttemptMoney,
): Promise<readonly Leg[]> {
  const taken = legs.filter((leg) => isBalance(leg) && leg.actualMsat !== null);
  if (taken.length === 0) return legs;
  const from = nextNumber(legs);
  const added = taken.map((leg, index): Leg => ({
    ...leg,
    ...{ n: from + index, side: 'refund', kind: 'RETURNED', plannedMsat: null },
  }));
  const key = `${payableId(ref)}/refunded`;
  await book(tx, [{ payable: ref, key, moved: [], added }]);
  if (taken.some(({ asset }) => asset === 'CREDITS')) {
    const graceUs = usOfSeconds(timers.refundGraceSeconds);
    await refundDebit(tx, { ledger: 'actions', ref: key, debitRef: reservedKey(ref), graceUs });
  }
  return [...legs, ...added];
}

export async function settleBookings(
  tx: ClientBase,
  of: readonly Pick<AttemptMoney, 'ref' | 'actor'>[],
  bookings: readonly Booking[],
): Promise<void> {
  const legsOf = ({ moved: planned, added }: Booking): readonly Leg[] => [...planned, ...added];
  const lots = bookings.map((booking, index): LotGrants => {
    const ref = of[index]?.ref;
    return { ref: booking.key, grants: ref === undefined ? [] : grantsOf(ref, legsOf(booking)) };
  });
  const claims = of.flatMap(({ ref }, index) =>
    (bookings[index]?.added ?? []).flatMap(({ side, holder, actualMsat }) =>
      side === 'refund' && holder !== null && 'system' in holder && actualMsat !== null
        ? [{ ...ref, amountMsat: actualMsat }]
        : [],
    ),
  );
  await pipeline([book(tx, bookings), grantLots(tx, lots), openClaims(tx, claims)]);
}

/** Legs and ledger together. */
async function book(tx: ClientBase, bookings: readonly Booking[]): Promise<void> {
  const [posted] = await pipeline([
    postEntries(tx, bookings.map(entryOf)),
    writeLegs(tx, bookings),
  ]);
  const again = posted.indexOf(false);
  if (again >= 0) throw new Error(`${bookings[again]?.key ?? 'an entry'} was booked before`);
}

/** Drains the payer's lots at the moment at which they were found to be enough; what shares grant lots is one operation with it. */
async function drain(
  tx: ClientBase,
  key: string,
  { ref, actor, legs }: AttemptMoney,
  grants: readonly LotGrant[],
  atUs: Us | undefined,
): Promise<void> {
  const amount = legs.find((leg) => isBalance(leg) && leg.asset === 'CREDITS')?.plannedMsat;
  if (amount === undefined || amount === null) return grantLots(tx, [{ ref: key, grants }]);
  if (actor === null || atUs === undefined) throw new Error('credits without an account');
  const provider = 'QUITTANCE';
  const detail = { provider, origin: ref.actionId, paymentMethod: 'action_payment' };
  const { replayed } = await applyOperation(tx, {
    ledger: 'actions',
    ref: key,
    atUs,
    entries: [
      { kind: 'debit', address: actor, amount, covered: true, detail },
      ...grants.map((grant) => ({
        ...{ kind: 'grant' as const, address: grant.accountId, amount: grant.amountMsat },
        ...{ expiresUs: grant.expiresUs, detail: { provider, ...grant.detail } },
      })),
    ],
  });
  if (replayed) throw new Error(`lots of ${key} were moved before`);
}

/** Lots for the credits that legs give to accounts. They never expire. */
function grantsOf({ actionId }: ActionRef, legs: readonly Leg[]): LotGrant[] {
  return legs.flatMap(({ side, kind, asset, holder, actualMsat }) => {
    if (side === 'in' || asset !== 'CREDITS' || actualMsat === null) return [];
    if (holder === null || !('accountId' in holder)) return [];
    const detail =
      side === 'out'
        ? { origin: actionId, originRef: kind, paymentMethod: 'action_share' }
        : { origin: actionId, paymentMethod: 'action_refund' };
    return [{ accountId: holder.accountId, amountMsat: actualMsat, expiresUs: null, detail }];
  });
}

export function moved(leg: Leg, actualMsat: Msat | null): Leg {
  return { ...leg, actualMsat };
}

export function givenBack(
  amountMsat: Msat,
  actor: string | null,
  kind: string,
  n: number,
): readonly Leg[] {
  if (amountMsat <= 0n) return [];
  const fixed = { n, side: 'refund', kind, hash: null, plannedMsat: null } as const;
  return [{ ...fixed, ...backTo(actor), actualMsat: amountMsat }];
}

/** With the conversion that makes assets fit. */
export function withConversion(legs: readonly Leg[], from = 1): readonly Leg[] {
  const conversion = conversionFor(legs);
  if (conversion === undefined) return legs;
  const n = Math.max(from - 1, ...legs.map((leg) => leg.n)) + 1;
  const fixed = { side: 'conversion', kind: 'CONVERSION', holder: null, hash: null } as const;
  return [...legs, { ...fixed, ...conversion, n, plannedMsat: null }];
}

export function nextNumber(legs: readonly Leg[]): number {
  return Math.max(0, ...legs.map(({ n }) => n)) + 1;
}

function reservedKey(ref: ActionRef): string {
  return `${payableId(ref)}/reserved`;
}

export function paidKey(ref: ActionRef): string {
  return `${payableId(ref)}/paid`;
}
