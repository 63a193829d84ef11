/**
 * A few workers that share a queue. A free one takes everything that waits, up to `batchSize` items: a single one under light load,
 * a full batch under heavy load. Nothing is delayed to fill a batch.
 */
export class BatchWorkers<T> {
  readonly #waiting: T[] = [];
  #free: number;
  #idle: () => void = () => undefined;

  constructor(
    private readonly workers: number,
    private readonly batchSize: number,
    /** Must not reject. */
    private readonly work: (batch: readonly T[]) => Promise<void>,
  ) {
    this.#free = workers;
  }

  add(item: T): void {
    this.#waiting.push(item);
    this.#startNext();
  }

  /** Whether a whole batch waits for a free worker. */
  get full(): boolean {
    return this.#waiting.length >= this.batchSize;
  }

  /** Removes and returns the items that no worker has taken. */
  clear(): T[] {
    return this.#waiting.splice(0);
  }

  /** Resolves when all work that was added is done. To be called once. */
  async idle(): Promise<void> {
    if (this.#free < this.workers) await new Promise<void>((resolve) => (this.#idle = resolve));
  }

  #startNext(): void {
    if (this.#free === 0 || this.#waiting.length === 0) return;
    this.#free -= 1;
    void this.work(this.#waiting.splice(0, this.batchSize)).finally(() => {
      this.#free += 1;
      this.#startNext();
      if (this.#free === this.workers) this.#idle();
    });
  }
}
