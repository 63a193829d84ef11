import type { RunningWorker } from './start-worker.js';

/** One task queue, which can be left alone for a while and served again. Changes come one after the other. */
export class ServedQueue {
  #worker: RunningWorker | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(
    private readonly start: () => Promise<RunningWorker>,
    /** Called when the worker ends by itself. */
    private readonly onFailed: (error: unknown) => void,
  ) {}

  get cachedWorkflows(): number {
    return this.#worker?.cachedWorkflows() ?? 0;
  }

  get isServed(): boolean {
    return this.#worker !== undefined;
  }

  open(): Promise<void> {
    return this.#next(async () => {
      if (this.#worker !== undefined) return;
      const worker = await this.start();
      this.#worker = worker;
      worker.done.catch(this.onFailed);
    });
  }

  /** Takes no more tasks; resolves when the current ones are finished. */
  close(): Promise<void> {
    return this.#next(async () => {
      const worker = this.#worker;
      this.#worker = undefined;
      await worker?.stop();
    });
  }

  #next(change: () => Promise<void>): Promise<void> {
    const done = this.#last.then(change);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
