import { performance } from 'node:perf_hooks';
import type { DemoResult } from './contract.js';

/** Thrown when the world is not as the demo expects it. */
class ExpectationError extends Error {}

export function expectThat(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new ExpectationError(otherwise);
}

interface Line {
  readonly chapter: string;
  readonly what: string;
  readonly outcome: string;
  readonly ms: number;
  readonly passed: boolean;
}

/** Runs the steps of the demo one by one, shows each as it happens, and keeps what happened for the table. */
export class Script {
  readonly #lines: Line[] = [];
  #chapter = '';

  constructor(
    private readonly report: (line: string) => void,
    private readonly signal: AbortSignal,
  ) {}

  chapter(title: string): void {
    this.#chapter = title;
    this.report(`\n${title}`);
  }

  /** What `act` returns is shown behind the step. A step that fails is counted and ends its chapter: it throws. */
  async step<T>(
    what: string,
    act: () => Promise<T>,
    show: (result: T) => string = () => '',
  ): Promise<T> {
    this.signal.throwIfAborted();
    const start = performance.now();
    try {
      const result = await act();
      this.#note({ what, outcome: show(result), ms: performance.now() - start, passed: true });
      return result;
    } catch (error) {
      const outcome = error instanceof Error ? error.message : String(error);
      this.#note({ what, outcome, ms: performance.now() - start, passed: false });
      throw error;
    }
  }

  /** Goes on with the next chapter when one fails; stops when the person does. */
  async run(chapter: () => Promise<void>): Promise<void> {
    try {
      await chapter();
    } catch (error) {
      this.signal.throwIfAborted();
      if (this.#lines.at(-1)?.passed !== false) {
        this.#note({ what: 'the demo itself', outcome: String(error), ms: 0, passed: false });
      }
    }
  }

  result(): DemoResult {
    const passed = this.#lines.filter((line) => line.passed).length;
    return { passed, failed: this.#lines.length - passed };
  }

  /** One line per chapter: how many steps, how long. */
  table(): string {
    const chapters = [...new Set(this.#lines.map(({ chapter }) => chapter))];
    const width = Math.max(...chapters.map((chapter) => chapter.length));
    const rows = chapters.map((chapter) => {
      const lines = this.#lines.filter((line) => line.chapter === chapter);
      const failed = lines.filter((line) => !line.passed).length;
      const ms = lines.reduce((sum, line) => sum + line.ms, 0);
      const counts = `${String(lines.length).padStart(3)} checks  ${failed === 0 ? 'all passed' : `${failed} FAILED`}`;
      return `  ${chapter.padEnd(width)} ${counts.padEnd(24)} ${showMs(ms).padStart(9)}`;
    });
    return ['What happened', ...rows].join('\n');
  }

  #note(line: Omit<Line, 'chapter'>): void {
    this.#lines.push({ chapter: this.#chapter, ...line });
    const mark = line.passed ? '✓' : '✗';
    const shown = line.outcome === '' ? line.what : `${line.what}: ${line.outcome}`;
    this.report(`  ${mark} ${showMs(line.ms).padStart(8)}  ${shown}`);
  }
}

function showMs(ms: number): string {
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
