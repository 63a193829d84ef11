import { plain } from './terminal.js';

const EVERY_MS = 200;
const BAR_WIDTH = 20;
const CLEAR_LINE = '\r\u001b[2K';

interface Terminal extends Pick<NodeJS.WriteStream, 'isTTY' | 'write'> {
  /** Undefined where it is no terminal. */
  readonly columns?: number | undefined;
}

interface Work {
  readonly doing: string;
  readonly began: number;
}

/**
 * One line at the bottom of a terminal: a bar of what is done of the work that was begun, and what is under way. Not for a pipe or a
 * file, and not for whoever set NO_COLOR: there nothing is shown.
 */
export class LiveProgress {
  readonly #open = new Set<Work>();
  #done = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly terminal: Terminal = process.stdout,
    private readonly now: () => number = () => Date.now(),
  ) {}

  get isShown(): boolean {
    return !plain(this.terminal);
  }

  /** Returns what ends it; to be called once or more. */
  begin(doing: string): () => void {
    if (!this.isShown) return () => undefined;
    const work = { doing, began: this.now() };
    this.#open.add(work);
    this.#draw();
    this.#timer ??= setInterval(() => this.#draw(), EVERY_MS).unref();
    return () => this.#end(work);
  }

  /** A line above it. */
  print(line: string): void {
    this.terminal.write(`${this.#open.size > 0 ? CLEAR_LINE : ''}${line}\n`);
    this.#draw();
  }

  #end(work: Work): void {
    if (!this.#open.delete(work)) return;
    this.#done += 1;
    if (this.#open.size > 0) {
      this.#draw();
      return;
    }
    this.#done = 0;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.terminal.write(CLEAR_LINE);
  }

  #draw(): void {
    if (this.#open.size === 0) return;
    const all = this.#done + this.#open.size;
    const filled = Math.round((BAR_WIDTH * this.#done) / all);
    const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
    const doing = [...this.#open].map(
      ({ doing: what, began }) => `${what} ${Math.floor((this.now() - began) / 1000)} s`,
    );
    const line = `${bar} ${this.#done} of ${all}  ${doing.join(', ')}`;
    // A line that wraps could not be cleared.
    this.terminal.write(`${CLEAR_LINE}${line.slice(0, (this.terminal.columns ?? 80) - 1)}`);
  }
}

/** Of this process. */
export const live = new LiveProgress();
