import type { Pool } from 'pg';
import type { Read } from './vector-file.js';
import { isoOfUs, type Us } from '../../../domain/credits/time.js';

/** A value as text: integers of any type as digits, members sorted. */
function show(value: unknown): string {
  return JSON.stringify(value ?? null, (_key, member: unknown) => {
    if (typeof member === 'bigint' || typeof member === 'number') return `#${member}`;
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)));
  }).replaceAll(/"#(-?[\d.e+-]+)"/g, '$1');
}

export function differenceOf(what: string, expected: unknown, found: unknown): readonly string[] {
  const [want, have] = [show(expected), show(found)];
  return want === have ? [] : [`${what}: expected ${want}, found ${have}`];
}

type Fields = Readonly<Record<string, unknown>>;

/** Compares the lots that are not empty, live or past: an emptied lot and an absent one are equal. */
export async function lotDifferences(
  pool: Pool,
  expected: readonly Fields[],
): Promise<readonly string[]> {
  const { rows } = await pool.query<{
    address: string;
    credit_ref: string;
    credit_index: number;
    amount_remaining: bigint;
    expiration: Us | null;
    granted_at: Us;
  }>(
    `select address, credit_ref, credit_index, remaining as amount_remaining, to_us(expires_at) as expiration,
       to_us(granted_at) as granted_at from credit_lots where ledger = 'aleph'
     union all
     select address, credit_ref, credit_index, expired, to_us(expires_at), to_us(granted_at)
     from credit_past_lots where ledger = 'aleph' and expired > 0`,
  );
  const found = rows.map((row) => ({
    ...row,
    expiration: row.expiration === null ? null : isoOfUs(row.expiration),
    granted_at: isoOfUs(row.granted_at),
  }));
  const notEmpty = expected.filter((lot) => lot['amount_remaining'] !== 0n);
  return differenceOf('lots', notEmpty.map(show).sort(), found.map(show).sort());
}

/**
 * Whether a list or count differs only by addresses whose lots are all empty. pyaleph lists them until its next rebuild, and an
 * emptied lot and an absent one are equal.
 */
export async function sameButForEmpty(pool: Pool, read: Read, found: unknown): Promise<boolean> {
  if (read.fn !== 'list' && read.fn !== 'count') return false;
  const { rows } = await pool.query<{ address: string }>(
    `select address from credit_accounts a where ledger = 'aleph' and granted > 0
       and not exists (select from credit_lots l where l.ledger = a.ledger and l.address = a.address)
       and not exists (select from credit_past_lots l
                       where l.ledger = a.ledger and l.address = a.address and l.expired > 0)`,
  );
  if (read.fn === 'count') {
    return (
      !('min_balance' in read.args) &&
      typeof found === 'number' &&
      show(read.result) === show(found - rows.length)
    );
  }
  const empty = new Set<unknown>(rows.map(({ address }) => address));
  const listed = Array.isArray(found)
    ? found.filter((row: unknown) => !Array.isArray(row) || !empty.has(row[0]))
    : found;
  return show(read.result) === show(listed);
}

/** Compares the rows of the references that a case lists. An empty list means that the last reference has no rows. */
export async function historyDifferences(
  pool: Pool,
  expected: readonly Fields[],
  lastRef: string | undefined,
): Promise<readonly string[]> {
  const refs = [...new Set(expected.map((row) => row['credit_ref']))];
  if (refs.length === 0 && lastRef !== undefined) refs.push(lastRef);
  const { rows } = await pool.query<Fields & { at: Us; expiration: Us | null }>(
    `select address, amount, price, bonus_amount, tx_hash, token, chain, provider, origin, origin_ref, payment_method,
       credit_ref, credit_index, to_us(expires_at) as expiration, to_us(at) as at, expense_count, expense_size_mib
     from credit_history where credit_ref = any($1::text[])`,
    [refs],
  );
  const found = rows.map((row) => ({
    ...row,
    at: isoOfUs(row.at),
    expiration: row.expiration === null ? null : isoOfUs(row.expiration),
  }));
  return differenceOf('history', expected.map(showRow).sort(), found.map(showRow).sort());
}

/** Decimals compare by value: 1.0 equals 1. */
function showRow(row: Fields): string {
  const decimals = ['price', 'expense_size_mib'].map((field): [string, unknown] => {
    const value = row[field];
    return [field, typeof value === 'string' ? Number(value) : (value ?? null)];
  });
  return show({ ...row, ...Object.fromEntries(decimals) });
}
