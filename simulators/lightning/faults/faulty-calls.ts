import { setTimeout as pause } from 'node:timers/promises';
import { LightningError } from '../../../adapters/lightning/port.js';
import type { FaultRule, Operation } from '../../../adapters/lightning/simulator-client/faults.js';
import type { FaultSwitches } from './fault-switches.js';

/** Makes the server cut the connection without an answer. */
export class ConnectionCut extends Error {
  override readonly name = 'ConnectionCut';
}

/** Runs the node's operations with the faults that are switched on. */
export class FaultyCalls {
  readonly #stop = new AbortController();
  readonly #late = new Set<Promise<void>>();
  readonly #parked: (() => Promise<void>)[] = [];

  constructor(
    readonly faults: FaultSwitches,
    private readonly onLateError: (error: unknown, operation: Operation) => void,
  ) {}

  async run<T>(operation: Operation, work: () => Promise<T>): Promise<T> {
    const rules = this.faults.rulesFor(operation);
    for (const rule of rules) await this.#before(rule, operation, work);
    const losesAnswer = rules.some(({ effect }) => effect === 'lose_answer');
    const runsTwice = rules.some(({ effect }) => effect === 'double');
    try {
      // The answer to the first is lost, whatever it was.
      if (runsTwice) await work().catch(() => undefined);
      return await work();
    } finally {
      // Refusals are lost like other answers.
      if (losesAnswer) cutConnection();
    }
  }

  /** Runs the parked operations, in the order of their calls; gives their number. */
  async release(): Promise<number> {
    const parked = this.#parked.splice(0);
    for (const run of parked) await run();
    return parked.length;
  }

  /** Cancels late operations that have not begun, and waits for those that run. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#late);
  }

  async #before(
    rule: FaultRule,
    operation: Operation,
    work: () => Promise<unknown>,
  ): Promise<void> {
    switch (rule.effect) {
      case 'slow':
        await pause(rule.ms, undefined, { signal: this.#stop.signal }).catch(cutConnection);
        return;
      case 'refuse':
        throw LightningError.refused(rule.code, 'refused by a fault switch');
      case 'unavailable':
        throw LightningError.unavailable(
          'unavailable by a fault switch',
          rule.alarm === undefined ? {} : { alarm: rule.alarm },
        );
      case 'cut':
        throw new ConnectionCut();
      case 'late':
        this.#runLater(rule.ms, operation, work);
        return answerLate(rule.answer);
      case 'park':
        this.#parked.push(() => this.#attempt(operation, work));
        return answerLate(rule.answer);
      case 'lose_answer':
      case 'double':
        return;
    }
  }

  async #attempt(operation: Operation, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!this.#stop.signal.aborted) this.onLateError(error, operation);
    }
  }

  #runLater(ms: number, operation: Operation, work: () => Promise<unknown>): void {
    const late = pause(ms, undefined, { signal: this.#stop.signal })
      .then(
        () => this.#attempt(operation, work),
        // Stopped before it began.
        () => undefined,
      )
      .then(() => void this.#late.delete(late));
    this.#late.add(late);
  }
}

function answerLate(answer: 'unavailable' | 'cut'): never {
  if (answer === 'cut') throw new ConnectionCut();
  throw LightningError.unavailable('delayed by a fault switch');
}

function cutConnection(): never {
  throw new ConnectionCut();
}
