const MINUTE = 60;
const HOUR = 3600;

/** Seconds from the n-th failed try, counted from 1, to the next: a day in all. */
const PAUSES_SECONDS: readonly number[] = [
  ...[5, MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE],
  ...[HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR, 6 * HOUR, 8 * HOUR],
];

/** Longer by up to a fifth at random, so that what failed together is not sent together again. */
const JITTER = 0.2;

export const MAX_TRIES = PAUSES_SECONDS.length + 1;

/**
 * Seconds until the next try after `tries` failed ones; undefined when it is given up. `random`: from 0 to 1.
 * Source: the schedule that Standard Webhooks recommends.
 */
export function retryAfterSeconds(tries: number, random: number): number | undefined {
  const pause = PAUSES_SECONDS[tries - 1];
  return pause === undefined ? undefined : pause * (1 + JITTER * random);
}

/** An endpoint at which nothing has arrived for so long is disabled. */
export const DISABLE_AFTER_SECONDS = 5 * 24 * HOUR;
