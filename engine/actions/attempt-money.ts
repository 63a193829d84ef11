import type { ClientBase } from 'pg';
import type { PaymentPlan } from '../../domain/actions/plan-payment.js';
import type { Us } from '../../domain/credits/time.js';
import { addMsat, type Msat, subtractMsat } from '../../domain/money.js';
import { type Leg, tagsOf } from '../ledger/legs.js';
import type { Holder } from '../ledger/post-entry.js';
import type { Action } from './action.js';
import type { Share } from './types/paid-action-type.js';

/** Leg kinds of the engine's own; shares have those of their types. */
export const POOL = 'POOL';

/** What an attempt is planned to be paid with, and who gets it. Legs are numbered in this order. */
export function planLegs(
  action: Pick<Action, 'actor' | 'costMsat'>,
  plan: PaymentPlan,
  shares: readonly Share[],
  hash: string | null,
): readonly Leg[] {
  const { actor } = action;
  const payer: Holder | null = actor === null ? null : { accountId: actor };
  const sources: Omit<Leg, 'n' | 'actualMsat'>[] = [
    { ...IN, kind: 'BALANCE', asset: 'CREDITS', holder: payer, plannedMsat: plan.creditsMsat },
    { ...IN, kind: 'BALANCE', asset: 'SATS', holder: payer, plannedMsat: plan.satsMsat },
    { ...IN, ...INVOICE, hash, plannedMsat: plan.invoiceMsat },
  ];
  const outs = withPool(action.costMsat, shares).map((share) => ({
    ...{ side: 'out' as const, kind: share.kind, asset: share.asset, holder: share.holder },
    ...{ hash: null, plannedMsat: share.amountMsat, ...tagsOf(share) },
  }));
  return [...sources, ...outs]
    .filter(({ plannedMsat }) => plannedMsat !== 0n)
    .map((leg, index) => ({ ...leg, n: index + 1, actualMsat: null }));
}

const IN = { side: 'in', hash: null } as const;
const INVOICE = { kind: 'INVOICE', asset: 'SATS', holder: { system: 'outside' } } as const;

function withPool(costMsat: Msat, shares: readonly Share[]): readonly Share[] {
  const rest = subtractMsat(costMsat, addMsat(...shares.map(({ amountMsat }) => amountMsat)));
  if (rest < 0n) throw new RangeError('the shares exceed the cost');
  return [...shares, { kind: POOL, asset: 'SATS', holder: { system: 'pool' }, amountMsat: rest }];
}

/** The shares that planned legs stand for; what leaves by a payment is none. */
export function sharesOf(legs: readonly Leg[], leaves: (leg: Leg) => boolean): readonly Share[] {
  return legs.flatMap((leg) => {
    const { side, kind, asset, holder, plannedMsat, child } = leg;
    if (side !== 'out' || leaves(leg) || holder === null || plannedMsat === null) return [];
    // The pool's own share follows from the others; a child's is one of those.
    if (kind === POOL && child === undefined) return [];
    return [{ kind, asset, holder, amountMsat: plannedMsat, ...tagsOf(leg) }];
  });
}

/** The legs that come from the payer's balance. */
export function isBalance({ kind, side }: Leg): boolean {
  return side === 'in' && kind === 'BALANCE';
}

/** The same legs, moved as planned. */
export function asPlanned(legs: readonly Leg[]): readonly Leg[] {
  return legs.map((leg) => ({ ...leg, actualMsat: leg.plannedMsat }));
}

/** Who is given money back: the payer in credits, or a claim in sats for somebody without an account. */
export function backTo(actor: string | null): Pick<Leg, 'asset' | 'holder'> {
  return actor === null
    ? { asset: 'SATS', holder: { system: 'claims' } }
    : { asset: 'CREDITS', holder: { accountId: actor } };
}

/** Accounts that legs or shares move, and the payer's where something may be given back. */
export function accountsOf(moved: readonly Pick<Leg, 'holder'>[], actor: string | null): string[] {
  const accounts = moved.flatMap(({ holder }) =>
    holder !== null && 'accountId' in holder ? [holder.accountId] : [],
  );
  return [...new Set(actor === null ? accounts : [...accounts, actor])];
}

/** A share of an account that is paid to a wallet of it. */
export interface WrappedShare {
  readonly payee: string;
  readonly kind: string;
  readonly amountMsat: Msat;
}

/** The plan of an attempt's money, with the instant at which the balance was found to be enough. */
export interface PlannedMoney {
  readonly plan: PaymentPlan;
  readonly shares: readonly Share[];
  /** The share that is paid to a wallet; all of the cost comes by invoice then. */
  readonly wrapped?: WrappedShare;
  /** Of the payer's balance, under the locks of its accounts. */
  readonly atUs: Us | undefined;
}

/** Money owed to somebody without an account becomes a claim: whoever has the action's capability may collect it. */
export async function openClaims(
  tx: ClientBase,
  claims: readonly { actionId: string; attempt: number; amountMsat: Msat }[],
): Promise<void> {
  if (claims.length === 0) return;
  await tx.query(
    `insert into claims (action_id, attempt, amount_msat)
     select * from unnest($1::uuid[], $2::integer[], $3::bigint[])`,
    [
      claims.map(({ actionId }) => actionId),
      claims.map(({ attempt }) => attempt),
      claims.map(({ amountMsat }) => amountMsat),
    ],
  );
}
