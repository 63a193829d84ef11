import type { ChangeFeed } from '../../events/change-feed.js';

/** What a row is now: another text whenever it has changed, and the topic that tells when it may have. */
export interface Mark {
  readonly mark: string;
  readonly topic: string | null;
}

type ReadMarks = (keys: readonly string[]) => Promise<ReadonlyMap<string, Mark>>;
type Listener = (mark: string) => void;

interface Watched {
  mark: string | undefined;
  readonly listeners: Set<Listener>;
  /** Ends the subscription to its topic; undefined while that is unknown. */
  unsubscribe?: () => void;
}

interface Settings {
  readonly read: ReadMarks;
  /** Undefined: rows are only read every so often. */
  readonly changes: ChangeFeed | undefined;
  /** How often all of them are read, for what no topic tells. */
  readonly everyMs: number;
  readonly onError: (error: unknown) => void;
}

const AT_ONCE = 500;

/**
 * Tells listeners when their rows change: those that may have changed are read together, all of them now and then, and none while nobody
 * watches. A listener is told the first mark too, so that whatever happened before it listened is not missed.
 */
export class RowWatch {
  readonly #watched = new Map<string, Watched>();
  readonly #unread = new Set<string>();
  #reading = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly settings: Settings) {}

  /** Returns a function that ends it. */
  watch(key: string, listener: Listener): () => void {
    const watched = this.#watched.get(key) ?? { mark: undefined, listeners: new Set() };
    this.#watched.set(key, watched);
    watched.listeners.add(listener);
    if (watched.mark === undefined) this.#changed(key);
    else listener(watched.mark);
    return () => {
      watched.listeners.delete(listener);
      if (watched.listeners.size > 0) return;
      watched.unsubscribe?.();
      // Another may watch it anew meanwhile.
      if (this.#watched.get(key) === watched) this.#watched.delete(key);
    };
  }

  get size(): number {
    return this.#watched.size;
  }

  #changed(key: string): void {
    this.#unread.add(key);
    if (this.#reading) return;
    this.#reading = true;
    clearTimeout(this.#timer);
    setImmediate(() => void this.#readUnread());
  }

  async #readUnread(): Promise<void> {
    try {
      while (this.#unread.size > 0) this.#tell(await this.settings.read(this.#takeUnread()));
    } catch (error) {
      this.settings.onError(error);
    }
    this.#reading = false;
    this.#timer = setTimeout(() => this.#readAll(), this.settings.everyMs);
  }

  #readAll(): void {
    for (const key of this.#watched.keys()) this.#changed(key);
  }

  #takeUnread(): readonly string[] {
    const keys = [...this.#unread].slice(0, AT_ONCE);
    for (const key of keys) this.#unread.delete(key);
    return keys;
  }

  #tell(marks: ReadonlyMap<string, Mark>): void {
    for (const [key, { mark, topic }] of marks) {
      const watched = this.#watched.get(key);
      if (watched === undefined) continue;
      this.#subscribe(key, watched, topic);
      if (watched.mark === mark) continue;
      watched.mark = mark;
      for (const listener of watched.listeners) listener(mark);
    }
  }

  #subscribe(key: string, watched: Watched, topic: string | null): void {
    const { changes } = this.settings;
    if (topic === null || changes === undefined || watched.unsubscribe !== undefined) return;
    watched.unsubscribe = changes.subscribe(topic, () => this.#changed(key));
    // It may have changed after it was read and before that.
    this.#changed(key);
  }
}
