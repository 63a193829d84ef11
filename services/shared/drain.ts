import type { Logger } from './logger.js';

export type StopStep = () => unknown;

/** What has to be stopped, in the order in which it was started. */
export class StopSteps {
  readonly #steps: { readonly what: string; readonly stop: StopStep }[] = [];

  add(what: string, stop: StopStep): void {
    this.#steps.push({ what, stop });
  }

  /**
   * Runs the steps in reverse order, one after another: what was started first (the pool) is needed
   * longest. Runs the others also after one that fails. True when all succeeded.
   */
  async runAll(logger: Logger): Promise<boolean> {
    let clean = true;
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step.stop();
        logger.debug({ what: step.what }, 'stopped');
      } catch (err) {
        clean = false;
        logger.error({ err, what: step.what }, 'could not be stopped cleanly');
      }
    }
    return clean;
  }
}
