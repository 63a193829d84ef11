import type { Logger } from './logger.js';

export type StopStep = () => unknown;

/** What has to be stopped, in the order it was started. */
export class StopSteps {
  readonly #steps: { readonly what: string; readonly stop: StopStep }[] = [];

  add(what: string, stop: StopStep): void {
    this.#steps.push({ what, stop });
  }

  /**
   * Stops in reverse, one after the other: what was started first (the pool) is what the rest
   * needs longest. A step that fails does not keep the others from running; says whether all went
   * well.
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
