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

  constructor(
    readonly faults: FaultSwitches,
    private readonly onLateError: (error: unknown, operation: Operation) => void,
  ) {}

  async run<T>(operation: Operation, work: () => Promise<T>): Promise<T> {
    const rules = this.faults.rulesFor(operation);
    for (const rule of rules) await this.#before(rule, operation, work);
    const losesAnswer = rules.some(({ effect }) => effect === 'lose_answer');
    try {
      return await work();
    } finally {
      // Refusals are lost like other answers.
      if (losesAnswer) cutConnection();
    }
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
        throw LightningError.unavailable('unavailable by a fault switch');
      case 'cut':
        throw new ConnectionCut();
      case 'late':
        this.#runLater(rule.ms, operation, work);
        if (rule.answer === 'cut') throw new ConnectionCut();
        throw LightningError.unavailable('delayed by a fault switch');
      case 'lose_answer':
        return;
    }
  }

  #runLater(ms: number, operation: Operation, work: () => Promise<unknown>): void {
    const late = pause(ms, undefined, { signal: this.#stop.signal })
      .then(work)
      .catch((error: unknown) => {
        if (!this.#stop.signal.aborted) this.onLateError(error, operation);
      })
      .then(() => void this.#late.delete(late));
    this.#late.add(late);
  }
}

function cutConnection(): never {
  throw new ConnectionCut();
}
