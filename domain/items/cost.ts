import { addMsat, type Msat, percentOf, satsToMsat, toMsat } from '../money.js';

/** Without an account it costs so much: it deters spam. */
const ANONYMOUS_PERCENT = 1_000n;
const SPAM_FACTOR = 10n;
/** Beyond it the price grows no further: nobody pays that. */
const MAX_SPAM = 8;
const MIN_MSAT = satsToMsat(1n);

export interface ItemPrice {
  /** Of its territories together; of none: nothing. */
  readonly baseMsat: Msat;
  /** Items of the same author and place within the spam window. */
  readonly spam: number;
  readonly anonymous: boolean;
  readonly boostSats: number;
}

/** What an item costs, in msat: its base, at least a sat, ten times for each item before it and ten times without an account; and its boost. */
export function itemCost({ baseMsat, spam, anonymous, boostSats }: ItemPrice): Msat {
  const base = baseMsat > MIN_MSAT ? baseMsat : MIN_MSAT;
  const spammed = toMsat(base * SPAM_FACTOR ** BigInt(Math.min(spam, MAX_SPAM)));
  const cost = anonymous ? percentOf(spammed, ANONYMOUS_PERCENT) : spammed;
  return addMsat(cost, satsToMsat(BigInt(boostSats)));
}
