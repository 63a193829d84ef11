import { setTimeout as pause } from 'node:timers/promises';
import type { Bench } from '../bench.js';
import type { Cast, Opened } from '../actors.js';
import type { Flow } from './flows.js';

/** Opened and not finished, at most: the backlog is bounded by it, and the rate follows from it. */
const IN_FLIGHT = 300;
const OPENERS = 10;
/** A payer needs a while: the workflow has started and waits by then, or it would have a task less than it has in earnest. */
const PAY_AFTER_MS = 2_000;
/** Then openings, starts and payments are in step. */
const SETTLED_IN_AT = 300;
const LOOK_EVERY_MS = 250;
const LAST_ONES_MS = 120_000;

export interface Sustained {
  /** Workflows that finished, per second. */
  readonly perSecond: number;
  readonly opened: readonly Opened[];
}

/** Opens and pays as fast as workflows finish, for so many seconds. */
export async function sustain(
  bench: Bench,
  cast: Cast,
  flow: Flow,
  seconds: number,
): Promise<Sustained> {
  const run = new Run(bench, cast, flow);
  await run.untilFinished(SETTLED_IN_AT);
  const before = { finished: run.finished, at: run.lookedAt };
  await run.forSeconds(seconds);
  const perSecond = ((run.finished - before.finished) * 1000) / (run.lookedAt - before.at);
  await run.end();
  return { perSecond, opened: run.opened };
}

class Run {
  readonly opened: Opened[] = [];
  finished = 0;
  lookedAt = 0;
  #stopped = false;
  #failure: Error | undefined;
  readonly #query = `ExecutionStatus = 'Completed' and StartTime > '${new Date().toISOString()}'`;
  readonly #openers: readonly Promise<void>[];
  readonly #payments = new Set<Promise<unknown>>();

  constructor(
    private readonly bench: Bench,
    private readonly cast: Cast,
    private readonly flow: Flow,
  ) {
    this.#openers = Array.from({ length: OPENERS }, () => this.#openOn());
  }

  async forSeconds(seconds: number): Promise<void> {
    const until = performance.now() + seconds * 1000;
    while (performance.now() < until) {
      await this.#look();
      await pause(LOOK_EVERY_MS);
    }
    await this.#look();
  }

  /** Resolves when all that was opened is finished. */
  async end(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#openers);
    await Promise.all(this.#payments);
    await this.untilFinished(this.opened.length);
  }

  async untilFinished(count: number): Promise<void> {
    const until = performance.now() + LAST_ONES_MS;
    while (this.finished < count) {
      if (performance.now() > until) {
        throw new Error(`${this.flow.name}: ${count - this.finished} did not finish in time`);
      }
      await this.#look();
      await pause(LOOK_EVERY_MS);
    }
  }

  async #look(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    this.finished = (await this.bench.parts.temporal.workflow.count(this.#query)).count;
    this.lookedAt = performance.now();
  }

  async #openOn(): Promise<void> {
    while (!this.#stopped) {
      if (this.opened.length - this.finished >= IN_FLIGHT) {
        await pause(5);
        continue;
      }
      try {
        const opened = await this.flow.open(this.cast);
        this.opened.push(opened);
        this.#payLater(opened);
      } catch (error) {
        this.#fail(error);
        return;
      }
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error(String(error));
  }

  #payLater(opened: Opened): void {
    const payment = pause(PAY_AFTER_MS)
      .then(() => this.flow.pay(this.bench, opened))
      .catch((error: unknown) => this.#fail(error))
      .finally(() => this.#payments.delete(payment));
    this.#payments.add(payment);
  }
}
