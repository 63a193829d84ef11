export type Work = () => void | Promise<void>;

interface Entry {
  /** Store time. */
  readonly due: number;
  readonly work: Work;
}

/** What is to happen, by store time; what is due in the same second keeps the order in which it was added. */
export class Agenda {
  readonly #entries: Entry[] = [];

  add(due: number, work: Work): void {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = this.#entries[middle];
      if (entry !== undefined && entry.due <= due) low = middle + 1;
      else high = middle;
    }
    this.#entries.splice(low, 0, { due, work });
  }

  nextDue(): number | undefined {
    return this.#entries[0]?.due;
  }

  /** The first entries of one second, at most so many. */
  take(due: number, atMost: number): Work[] {
    let count = 0;
    while (count < atMost && this.#entries[count]?.due === due) count += 1;
    return this.#entries.splice(0, count).map(({ work }) => work);
  }
}
