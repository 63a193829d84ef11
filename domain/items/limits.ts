/** Limits of items and of what acts on them, as at the peer's HEAD. Amounts in sats. */
export const TITLE = { min: 5, max: 80 } as const;
export const MAX_POST_TEXT = 100_000;
export const MAX_COMMENT_TEXT = 10_000;
export const MAX_TERRITORIES = 5;
export const MAX_FORWARDS = 5;
export const POLL_OPTIONS = { min: 2, max: 10, longest: 40 } as const;
export const POLL_COST_SATS = 1n;
/** A poll lasts at least so long when it is opened. */
export const MIN_POLL_MS = 24 * 3600 * 1000;
/** What a wrapped payment may carry. */
export const BOUNTY_SATS = { min: 1_000, max: 700_000 } as const;
/** Of a zap, a down-zap or a boost. */
export const ACT_SATS = { min: 1, max: 1_000_000 } as const;
/** How long an item may be changed after it was paid. */
export const EDIT_WINDOW_SECONDS = 600;
/** In a month of UTC. */
export const FREE_COMMENTS = 5;
/** A reply below more ancestors than this is refused: each of them is told of what is paid for it. */
export const MAX_DEPTH = 200;
