import { setTimeout as pause } from 'node:timers/promises';
import { LightningError } from '../../../adapters/lightning/port.js';
import type { FaultRule, Operation } from '../../../adapters/lightning/simulator-client/faults.js';
import type { FaultSwitches } from './fault-switches.js';

/** The caller is to see its connection break, and nothing else. */
export class ConnectionCut extends Error {
  override readonly name = 'ConnectionCut';
}

/** Runs the node's operations as well as the faults let them. */
export class FaultyCalls {
  readonly #stop = new AbortController();
  readonly #late = new Set<Promise<void>>();

  constructor(
    readonly faults: FaultSwitches,
    private readonly onLateError: (error: unknown, operation: Operation) => void,
  ) {}

  async run<T>(operation: Operation, work: () => Promise<T>): Promise<T> {
    const rules = this.faults.strike(operation);
    for (const rule of rules) await this.#before(rule, operation, work);
    const loses = rules.some(({ effect }) => effect === 'lose_answer');
    try {
      return await work();
    } finally {
      // A refusal gets lost like any other answer.
      if (loses) cutConnection();
    }
  }

  /** Those that are still to happen never do; those that are happening are waited for. */
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
        throw LightningError.refused(rule.code, 'refused by a switch');
      case 'unavailable':
        throw LightningError.unavailable('switched off');
      case 'cut':
        throw new ConnectionCut();
      case 'late':
        this.#runLater(rule.ms, operation, work);
        if (rule.answer === 'cut') throw new ConnectionCut();
        throw LightningError.unavailable('switched to late');
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
