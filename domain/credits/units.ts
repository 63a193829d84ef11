import { type Us, usOfIso } from './time.js';

/** What a BIGINT holds. */
export const MAX_AMOUNT = 9_223_372_036_854_775_807n;

/** From 2026-02-02T00:00:00Z on 1 USD is 1,000,000 of the peer's credits; before it was 100. */
const CUTOFF_US = usOfIso('2026-02-02T00:00:00Z') ?? 0n;
const OLD_UNIT = 10_000n;

/** An amount of ledger `aleph` in today's credits, by the time of its message. */
export function alephCredits(amount: bigint, at: Us): bigint {
  return at < CUTOFF_US ? amount * OLD_UNIT : amount;
}
