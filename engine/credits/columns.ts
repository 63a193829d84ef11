import { isoOfUs, type Us } from '../../domain/credits/time.js';

/**
 * A column of values as the text of a PostgreSQL array: for thousands of rows, several times faster than the client's own way
 * through each value.
 */
export function column(values: readonly (bigint | number | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}

/** Moments, for timestamptz[]: PostgreSQL reads them faster than it would make them of numbers. */
export function timeColumn(values: readonly (Us | null)[]): string {
  return `{${values.map((at) => (at === null ? 'NULL' : isoOfUs(at))).join(',')}}`;
}

/** The same for texts, whatever is in them. */
export function textColumn(values: readonly string[]): string {
  return `{${values.map(quoted).join(',')}}`;
}

const NEEDS_ESCAPE = /["\\]/;

function quoted(text: string): string {
  return NEEDS_ESCAPE.test(text) ? `"${text.replaceAll(/["\\]/g, '\\$&')}"` : `"${text}"`;
}
