type ReadMarks = (keys: readonly string[]) => Promise<ReadonlyMap<string, string>>;
type Listener = (mark: string) => void;

interface Watched {
  mark: string | undefined;
  readonly listeners: Set<Listener>;
}

/**
 * Tells listeners when their rows change: one read for all that are watched, now and then, and nothing while nobody watches. A listener
 * is told the first mark too, so that whatever happened before it listened is not missed.
 */
export class RowWatch {
  readonly #watched = new Map<string, Watched>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly read: ReadMarks,
    private readonly everyMs: number,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Returns a function that ends it. */
  watch(key: string, listener: Listener): () => void {
    const watched = this.#watched.get(key) ?? { mark: undefined, listeners: new Set() };
    this.#watched.set(key, watched);
    watched.listeners.add(listener);
    if (watched.mark !== undefined) listener(watched.mark);
    this.#timer ??= setTimeout(() => void this.#turn(), 0);
    return () => {
      watched.listeners.delete(listener);
      if (watched.listeners.size === 0) this.#watched.delete(key);
    };
  }

  get size(): number {
    return this.#watched.size;
  }

  async #turn(): Promise<void> {
    this.#timer = undefined;
    if (this.#watched.size === 0) return;
    try {
      this.#tell(await this.read([...this.#watched.keys()]));
    } catch (error) {
      this.onError(error);
    }
    this.#timer ??= setTimeout(() => void this.#turn(), this.everyMs);
  }

  #tell(marks: ReadonlyMap<string, string>): void {
    for (const [key, mark] of marks) {
      const watched = this.#watched.get(key);
      if (watched === undefined || watched.mark === mark) continue;
      watched.mark = mark;
      for (const listener of watched.listeners) listener(mark);
    }
  }
}
