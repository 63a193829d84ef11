import { InvalidArgumentError } from 'commander';

/** An instant, for commander. */
export function timeOf(text: string): Date {
  const at = new Date(text);
  if (!/^\d{4}-\d\d-\d\dT/.test(text) || Number.isNaN(at.getTime())) {
    throw new InvalidArgumentError('must be a time like 2026-01-31T12:00:00Z');
  }
  return at;
}

/** The number of an order. */
export function orderOf(text: string): bigint {
  if (!/^\d{1,18}$/.test(text)) throw new InvalidArgumentError('must be the id of an order');
  return BigInt(text);
}
