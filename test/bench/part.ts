import type { Bench } from './bench.js';
import type { FigureSpec } from './report/figure.js';

/** Values by id of figure. */
export type Values = Readonly<Record<string, number>>;

/** A part of the benchmark, measured once per round. */
export interface Part<B = Bench> {
  readonly name: string;
  readonly figures: readonly FigureSpec[];
  /** Starts what the part needs and warms it up. */
  prepare(bench: B): Promise<PreparedPart>;
}

export interface PreparedPart {
  round(): Promise<Values>;
  stop?(): Promise<void>;
}
