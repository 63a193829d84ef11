/** At most `count` holders at a time. */
export class Semaphore {
  #held = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly count: number) {}

  /** Resolves when there is room for one more. */
  async acquire(): Promise<void> {
    if (this.#held < this.count) {
      this.#held += 1;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#held -= 1;
    else next();
  }

  /** Resolves when every holder has released. */
  async drained(): Promise<void> {
    for (let n = 0; n < this.count; n += 1) await this.acquire();
    for (let n = 0; n < this.count; n += 1) this.release();
  }
}

/** Runs `work` for every item, at most `limit` at a time, in order of the items. Rejects when one does, after those under way. */
export async function forEachConcurrently<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  const workers = Array.from({ length: Math.min(limit, items.length) }, worker);
  const outcomes = await Promise.allSettled(workers);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}
