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

  /** Runs `work` when there is room for it. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.acquire();
    try {
      return await work();
    } finally {
      this.release();
    }
  }

  /** Resolves when every holder has released. */
  async drained(): Promise<void> {
    for (let n = 0; n < this.count; n += 1) await this.acquire();
    for (let n = 0; n < this.count; n += 1) this.release();
  }
}
