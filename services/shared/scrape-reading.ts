import { setTimeout as pause } from 'node:timers/promises';

/** A scrape has to be answered while a server does not: that is when it is looked at. */
const ANSWER_MS = 300;

export interface Reading<T> {
  readonly value: T;
  /** False: what was read last, since the answer takes its time. */
  readonly isFresh: boolean;
}

/**
 * One read for all gauges of a scrape, and no second one before it is over. Rejects when it fails, or takes long and the one before
 * has failed.
 */
export function scrapeReading<T>(read: () => Promise<T>): () => Promise<Reading<T>> {
  let underway: Promise<Reading<T>> | undefined;
  let last: Reading<T> | undefined;
  const begin = async (): Promise<Reading<T>> => {
    try {
      const value = await read();
      last = { value, isFresh: false };
      return { value, isFresh: true };
    } catch (error) {
      last = undefined;
      throw error;
    } finally {
      underway = undefined;
    }
  };
  return async () => {
    underway ??= begin();
    const inTime = await Promise.race([underway, pause(ANSWER_MS, undefined, { ref: false })]);
    const reading = inTime ?? last;
    if (reading === undefined) throw new Error(`no answer within ${ANSWER_MS} ms`);
    return reading;
  };
}
