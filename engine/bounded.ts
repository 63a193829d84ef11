/** Work of which a limited number runs at a time; the rest waits in its order. */
export class Bounded {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly limit: number) {}

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.limit) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // The place is handed on: nobody can take it in between.
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
