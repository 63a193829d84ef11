import { type Msat, MSAT_PER_SAT } from '../money.js';
import { forwardFeeBudget } from './fee-budget.js';

/** Blocks kept between the payee's HTLC and ours, in which the chain can be used if a peer does not answer. */
export const RESERVED_BLOCKS = 80;
/** Blocks that the sender of a payment adds to the payee's delta. */
const SENDERS_PADDING = 3;
/** A limit must be above what is needed at least, not equal to it: lnd refuses that (routing/payment_session.go). */
const ABOVE = 1;
/** Longest CLTV delta that payers accept. */
const MAX_CLTV = 1000;
export const MIN_OUTGOING_MSAT = 700n;
const MAX_OUTGOING_MSAT = 700_000n * MSAT_PER_SAT;
/** The payee's invoice outlives the wrapped one by this. */
const EXPIRY_MARGIN_SECONDS = 120;
const MAX_EXPIRY_SECONDS = 480;
/** The payee's invoice must last so long when the payment to it begins. */
export const FORWARD_SECONDS = 30;
/** Features that a payer need not know more about than that they exist. */
const KNOWN_FEATURES: ReadonlySet<number> = new Set([
  ...[8, 9, 14, 15, 16, 17, 25, 48, 49],
  ...[149, 151, 262, 263],
]);

/** Why an invoice of a payee's wallet cannot be paid or wrapped. */
export type WrapRefusal =
  | 'amount_missing'
  | 'amount_too_low'
  | 'amount_too_high'
  | 'amount_out_of_range'
  | 'feature_unknown'
  | 'expiry_too_short'
  | 'no_route'
  | 'fee_too_high'
  | 'cltv_too_long'
  | 'cltv_too_short';

/** What the node reads in the payee's invoice. */
export interface PayeeInvoice {
  readonly amountMsat?: Msat;
  readonly expiresAt: Date;
  readonly features: readonly number[];
  readonly minFinalCltv: number;
}

/** Wallets that round may leave out up to a sat, and none may ask for more. */
export function refuseAmount(
  amountMsat: Msat | undefined,
  askedMsat: Msat,
): WrapRefusal | undefined {
  if (amountMsat === undefined) return 'amount_missing';
  if (amountMsat > askedMsat) return 'amount_too_high';
  return amountMsat < askedMsat - MSAT_PER_SAT ? 'amount_too_low' : undefined;
}

/** What a wallet minted for `askedMsat`. Undefined where it can be wrapped as far as its own content goes. */
export function refuseMinted(
  invoice: PayeeInvoice,
  askedMsat: Msat,
  now: Date,
): WrapRefusal | undefined {
  const { amountMsat, features } = invoice;
  const refused = refuseAmount(amountMsat, askedMsat);
  if (refused !== undefined || amountMsat === undefined) return refused ?? 'amount_missing';
  if (amountMsat < MIN_OUTGOING_MSAT || amountMsat > MAX_OUTGOING_MSAT)
    return 'amount_out_of_range';
  if (features.some((bit) => !KNOWN_FEATURES.has(bit))) return 'feature_unknown';
  return wrappedExpirySeconds(invoice, now) < 1 ? 'expiry_too_short' : undefined;
}

/** How long the wrapped invoice lasts; below 1 where the payee's is too short. */
export function wrappedExpirySeconds({ expiresAt }: PayeeInvoice, now: Date): number {
  const left = Math.floor((expiresAt.getTime() - now.getTime()) / 1000);
  return Math.min(left - EXPIRY_MARGIN_SECONDS, MAX_EXPIRY_SECONDS);
}

/** A route to the payee, and the height of the chain when it was found. */
export interface Route {
  readonly feeMsat: Msat;
  /** At which our HTLC would expire, the payee's delta included. */
  readonly expiryHeight: number;
  readonly height: number;
}

/** The CLTV delta that the wrapped invoice asks of its payer, or why there is none. */
export function wrapDelta(
  invoice: Pick<PayeeInvoice, 'minFinalCltv'>,
  payeeMsat: Msat,
  route: Route | undefined,
  budgetMsat: Msat = forwardFeeBudget(payeeMsat),
): { readonly minFinalCltv: number } | { readonly refused: WrapRefusal } {
  if (route === undefined) return { refused: 'no_route' };
  if (route.feeMsat > budgetMsat) return { refused: 'fee_too_high' };
  const toPayee = route.expiryHeight - route.height;
  const minFinalCltv = toPayee + ABOVE + RESERVED_BLOCKS;
  if (minFinalCltv > MAX_CLTV) return { refused: 'cltv_too_long' };
  if (toPayee < invoice.minFinalCltv) return { refused: 'cltv_too_short' };
  return { minFinalCltv };
}

/** What is known when the payer's money is held. Heights are fresh: those of the opening prove nothing now. */
export interface HeldToForward {
  /** At which the first of the held HTLCs expires. */
  readonly expiryHeight: number;
  /** Of the chain, now. */
  readonly height: number;
  readonly payeeDelta: number;
  readonly payeeExpiresAt: Date;
  readonly now: Date;
}

/** The height at which the payee's HTLC has to expire at the latest; undefined where it is too late to pay. */
export function forwardHeight(held: HeldToForward): number | undefined {
  const maxHeight = held.expiryHeight - RESERVED_BLOCKS;
  if (maxHeight - held.height < held.payeeDelta + SENDERS_PADDING + ABOVE) return undefined;
  const leftMs = held.payeeExpiresAt.getTime() - held.now.getTime();
  return leftMs < FORWARD_SECONDS * 1000 ? undefined : maxHeight;
}
