/**
 * Work in a few lanes. One that is free takes all that has come meanwhile, up to a limit: alone when little comes, in company when
 * much does.
 */
export class BatchWorkers<T> {
  readonly #waiting: T[] = [];
  #free: number;

  constructor(
    lanes: number,
    private readonly most: number,
    /** Must not reject. */
    private readonly work: (items: readonly T[]) => Promise<void>,
  ) {
    this.#free = lanes;
  }

  add(item: T): void {
    this.#waiting.push(item);
    this.#begin();
  }

  /** Whether another lane could be filled at once. */
  get full(): boolean {
    return this.#waiting.length >= this.most;
  }

  /** Those not begun, which are taken back. */
  clear(): T[] {
    return this.#waiting.splice(0);
  }

  #begin(): void {
    if (this.#free === 0 || this.#waiting.length === 0) return;
    this.#free -= 1;
    void this.work(this.#waiting.splice(0, this.most)).finally(() => {
      this.#free += 1;
      this.#begin();
    });
  }
}
