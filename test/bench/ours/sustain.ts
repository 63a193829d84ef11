import { setTimeout as pause } from 'node:timers/promises';
import type { Bench } from '../bench.js';
import type { Actors, Opened } from '../actors.js';
import type { Flow } from './flows.js';

/** Maximum of actions that are opened and not finished: bounds the backlog, so that the rate is that of the slowest stage. */
const IN_FLIGHT = 300;
const OPENERS = 10;
/** By then the workflow has started and waits, as with a real payer. Paid earlier, it would need a task less. */
const PAY_AFTER_MS = 2_000;
/** Number of finished workflows after which the rate is stable. */
const WARMED_UP_AT = 300;
const COUNT_EVERY_MS = 250;
const FINISH_TIMEOUT_MS = 120_000;

export interface Sustained {
  /** Finished workflows per second. */
  readonly perSecond: number;
  readonly opened: readonly Opened[];
}

/** Opens and pays as fast as workflows finish, for `seconds`. */
export async function sustain(
  bench: Bench,
  actors: Actors,
  flow: Flow,
  seconds: number,
): Promise<Sustained> {
  const run = new Run(bench, actors, flow);
  await run.untilFinished(WARMED_UP_AT);
  const before = { finished: run.finished, at: run.countedAt };
  await run.forSeconds(seconds);
  const perSecond = ((run.finished - before.finished) * 1000) / (run.countedAt - before.at);
  await run.end();
  return { perSecond, opened: run.opened };
}

class Run {
  readonly opened: Opened[] = [];
  finished = 0;
  countedAt = 0;
  #stopped = false;
  #failure: Error | undefined;
  readonly #query = `ExecutionStatus = 'Completed' and StartTime > '${new Date().toISOString()}'`;
  readonly #openers: readonly Promise<void>[];
  readonly #payments = new Set<Promise<unknown>>();

  constructor(
    private readonly bench: Bench,
    private readonly actors: Actors,
    private readonly flow: Flow,
  ) {
    this.#openers = Array.from({ length: OPENERS }, () => this.#openUntilStopped());
  }

  async forSeconds(seconds: number): Promise<void> {
    const until = performance.now() + seconds * 1000;
    while (performance.now() < until) {
      await this.#count();
      await pause(COUNT_EVERY_MS);
    }
    await this.#count();
  }

  /** Opens no more, and resolves when all opened actions are finished. */
  async end(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#openers);
    await Promise.all(this.#payments);
    await this.untilFinished(this.opened.length);
  }

  async untilFinished(count: number): Promise<void> {
    const until = performance.now() + FINISH_TIMEOUT_MS;
    while (this.finished < count) {
      if (performance.now() > until) {
        throw new Error(`${this.flow.name}: ${count - this.finished} did not finish in time`);
      }
      await this.#count();
      await pause(COUNT_EVERY_MS);
    }
  }

  async #count(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    this.finished = (await this.bench.parts.temporal.workflow.count(this.#query)).count;
    this.countedAt = performance.now();
  }

  async #openUntilStopped(): Promise<void> {
    while (!this.#stopped) {
      if (this.opened.length - this.finished >= IN_FLIGHT) {
        await pause(5);
        continue;
      }
      try {
        const opened = await this.flow.open(this.actors);
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
