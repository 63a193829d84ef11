import type { Bench } from './bench.js';
import type { FigureSpec } from './report/figure.js';

/** Values by the id of their figure. */
export type Values = Readonly<Record<string, number>>;

/** A part of the bench: measured once per round, in turns with the others. */
export interface Part<B = Bench> {
  readonly name: string;
  readonly figures: readonly FigureSpec[];
  /** Starts what it needs and warms it up. */
  prepare(bench: B): Promise<PreparedPart>;
}

export interface PreparedPart {
  round(): Promise<Values>;
  stop?(): Promise<void>;
}
