/** Store time: a rate and an offset over this machine's clock, in seconds since 1970, never backwards. */
export class StoreClock {
  #realMs = Date.now();
  #storeSeconds: number;
  #rate: number;
  #last: number;
  #pinned: number | undefined;

  constructor(at: number, rate: number) {
    this.#storeSeconds = at;
    this.#rate = rate;
    this.#last = Math.floor(at);
  }

  /** Whole seconds. While an entry of the agenda runs it is that entry's time. */
  now(): number {
    if (this.#pinned !== undefined) return this.#pinned;
    this.#last = Math.max(this.#last, Math.floor(this.#exact()));
    return this.#last;
  }

  /** Where the clock would be, whatever runs. */
  target(): number {
    return Math.floor(this.#exact());
  }

  get rate(): number {
    return this.#rate;
  }

  set(change: { readonly at?: number; readonly rate?: number }): void {
    this.#storeSeconds = change.at ?? this.#exact();
    this.#realMs = Date.now();
    this.#rate = change.rate ?? this.#rate;
  }

  pin(at: number): void {
    this.#last = Math.max(this.#last, at);
    this.#pinned = this.#last;
  }

  unpin(): void {
    this.#pinned = undefined;
  }

  #exact(): number {
    return this.#storeSeconds + ((Date.now() - this.#realMs) / 1000) * this.#rate;
  }
}
