/** Remembers the last so many keys. */
export class Recent {
  readonly #keys = new Set<string>();

  constructor(private readonly size: number) {}

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  add(key: string): void {
    this.#keys.delete(key);
    this.#keys.add(key);
    for (const oldest of this.#keys) {
      if (this.#keys.size <= this.size) return;
      this.#keys.delete(oldest);
    }
  }
}
