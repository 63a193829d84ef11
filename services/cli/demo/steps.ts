import { performance } from 'node:perf_hooks';
import { coloured } from '../terminal.js';
import type { DemoResult } from './contract.js';

export function expectThat(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Error(otherwise);
}

interface Line {
  readonly scenario: string;
  readonly what: string;
  readonly outcome: string;
  readonly ms: number;
  readonly passed: boolean;
}

/** Runs the demo's steps one by one, reports each, and keeps the results for the table. */
export class Steps {
  readonly #lines: Line[] = [];
  #scenario = '';

  constructor(
    private readonly report: (line: string) => void,
    private readonly signal: AbortSignal,
  ) {}

  /** The steps that follow belong to this scenario. */
  scenario(title: string): void {
    this.#scenario = title;
    this.report(`\n${title}`);
  }

  /** `show` formats the result for the report. A failed step is counted, and throws to end its scenario. */
  async run<T>(
    what: string,
    act: () => Promise<T>,
    show: (result: T) => string = () => '',
  ): Promise<T> {
    this.signal.throwIfAborted();
    const start = performance.now();
    try {
      const result = await act();
      this.#record({ what, outcome: show(result), ms: performance.now() - start, passed: true });
      return result;
    } catch (error) {
      const outcome = error instanceof Error ? error.message : String(error);
      this.#record({ what, outcome, ms: performance.now() - start, passed: false });
      throw error;
    }
  }

  /** A failure ends only this scenario; an abort ends the demo. */
  async runScenario(scenario: () => Promise<void>): Promise<void> {
    try {
      await scenario();
    } catch (error) {
      this.signal.throwIfAborted();
      if (this.#lines.at(-1)?.passed !== false) {
        this.#record({ what: 'the demo itself', outcome: String(error), ms: 0, passed: false });
      }
    }
  }

  result(): DemoResult {
    const passed = this.#lines.filter((line) => line.passed).length;
    return { passed, failed: this.#lines.length - passed };
  }

  /** One line per scenario: its number of checks and its duration. */
  table(): string {
    const scenarios = [...new Set(this.#lines.map(({ scenario }) => scenario))];
    const width = Math.max(...scenarios.map((scenario) => scenario.length));
    const rows = scenarios.map((scenario) => {
      const lines = this.#lines.filter((line) => line.scenario === scenario);
      const failed = lines.filter((line) => !line.passed).length;
      const ms = lines.reduce((sum, line) => sum + line.ms, 0);
      const counts = `${String(lines.length).padStart(3)} checks  ${failed === 0 ? 'all passed' : `${failed} FAILED`}`;
      return `  ${scenario.padEnd(width)} ${counts.padEnd(24)} ${showMs(ms).padStart(9)}`;
    });
    return ['Summary', ...rows].join('\n');
  }

  #record(line: Omit<Line, 'scenario'>): void {
    this.#lines.push({ scenario: this.#scenario, ...line });
    const mark = line.passed ? coloured('green', '✓') : coloured('red', '✗');
    const shown = line.outcome === '' ? line.what : `${line.what}: ${line.outcome}`;
    this.report(`  ${mark} ${showMs(line.ms).padStart(8)}  ${shown}`);
  }
}

function showMs(ms: number): string {
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
