import { Wakeup } from '../../shared/wakeup.js';

/** Works as long as the process runs; waits until it is woken or a time has passed. */
export abstract class WakeableLoop {
  readonly #wakeup = new Wakeup();
  readonly #stop = new AbortController();
  #done: Promise<void> | undefined;

  start(): void {
    this.#done ??= this.run(this.#stop.signal);
  }

  /** There may be new rows. */
  wake(): void {
    this.#wakeup.wake();
  }

  /** Resolves when the work under way is done. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  protected waitForWake(ms: number): Promise<void> {
    return this.#wakeup.wait(ms, this.#stop.signal);
  }

  /** Works until the signal is aborted. */
  protected abstract run(signal: AbortSignal): Promise<void>;
}
