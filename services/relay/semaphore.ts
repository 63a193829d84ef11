/** So many at a time. */
export class Semaphore {
  #taken = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly count: number) {}

  /** Resolves when there is room; `give` gives it back. */
  async take(): Promise<void> {
    if (this.#taken < this.count) {
      this.#taken += 1;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  give(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken -= 1;
    else next();
  }

  /** Resolves when all that were taken have been given back. */
  async drained(): Promise<void> {
    for (let slot = 0; slot < this.count; slot += 1) await this.take();
    for (let slot = 0; slot < this.count; slot += 1) this.give();
  }
}
