import { setTimeout as pause } from 'node:timers/promises';

/** A scrape must be answered while a server does not answer: metrics are needed most then. */
const ANSWER_MS = 300;

export interface Reading<T> {
  readonly value: T;
  /** False: the value of an earlier read, as this one takes too long. */
  readonly isFresh: boolean;
}

/**
 * One read for all gauges of a scrape; no second one starts before it ends. Gives the last value when it
 * takes too long. Rejects when it fails, or takes too long and there is no last value.
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
