import {
  bulkhead,
  BulkheadRejectedError,
  circuitBreaker,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleWhenResult,
  isBrokenCircuitError,
  wrap,
} from 'cockatiel';
import { z } from 'zod';
import { unavailable, type Unavailable } from './http-call.js';

/** Calls to one store at once; hosts limit what comes from one address. */
const AT_ONCE = 2;
/** Calls that may wait for their turn. */
const WAITING = 100;
/** Failures in a row that stop the calls for a while. */
const FAILURES = 5;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 300_000;

const failed = z.object({ kind: z.literal('unavailable') });

/** Keeps calls away from a store that is busy, does not answer or asked for a pause. For one store. */
export class StoreLimits {
  readonly #policy = wrap(
    bulkhead(AT_ONCE, WAITING),
    circuitBreaker(
      handleWhenResult((result) => failed.safeParse(result).success),
      {
        breaker: new ConsecutiveBreaker(FAILURES),
        halfOpenAfter: new ExponentialBackoff({
          initialDelay: FIRST_PAUSE_MS,
          maxDelay: LONGEST_PAUSE_MS,
        }),
      },
    ),
  );
  #notBefore = 0;

  /** Runs the call, or answers in its place. */
  async run<T>(call: () => Promise<T | Unavailable>): Promise<T | Unavailable> {
    if (this.#pauseMs() > 0) return this.#paused();
    try {
      return await this.#policy.execute(async () => {
        // The store may have asked for a pause while this call waited for its turn.
        if (this.#pauseMs() > 0) return this.#paused();
        const result = await call();
        this.#heed(result);
        return result;
      });
    } catch (error) {
      if (isBrokenCircuitError(error)) return unavailable('not asked: it failed several times');
      if (error instanceof BulkheadRejectedError) return unavailable('too many calls wait for it');
      throw error;
    }
  }

  #pauseMs(): number {
    return Math.ceil(this.#notBefore - performance.now());
  }

  #paused(): Unavailable {
    return unavailable('not asked: it asked for a pause', this.#pauseMs());
  }

  #heed(result: unknown): void {
    const { data } = askedForPause.safeParse(result);
    if (data === undefined) return;
    this.#notBefore = Math.max(this.#notBefore, performance.now() + data.retryAfterMs);
  }
}

const askedForPause = failed.extend({ retryAfterMs: z.number() });
