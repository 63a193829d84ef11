import type { Pool } from 'pg';

/** Of ledger `aleph`: 10, 1,000 and 10,000 live lots, and 10 beside 100,000 that were emptied. */
export const ADDRESSES = {
  '10': 'ten',
  '1000': 'thousand',
  '10000': 'myriad',
  emptied: 'emptied',
} as const;
export type Size = keyof typeof ADDRESSES;
export const SIZES: readonly Size[] = ['10', '1000', '10000', 'emptied'];

const EMPTIED = 100_000;
const EMPTIED_PER_DEBIT = 1000;

/** References as long as real ones, which are hashes. */
const keyOf = (what: string): string => `encode(sha256((${what})::bytea), 'hex')`;

/** Grants a second apart; every second one expires, each at another time. */
function grants(address: string, count: number, amount: number, from: string): string {
  return `
    insert into credit_history (ledger, credit_ref, credit_index, address, amount, at, expires_at, provider, payment_method)
    select 'aleph', ${keyOf(`'${address} ${from} ' || i`)}, 0, '${address}', ${amount},
      timestamptz '${from}' + i * interval '1 second',
      case when i % 2 = 0 then timestamptz '2100-01-01' + i * interval '1 second' end, 'bench', 'credit_card'
    from generate_series(1, ${count}) i`;
}

const LOTS = `
  insert into credit_lots (ledger, address, credit_ref, credit_index, amount, remaining, granted_at, expires_at)
  select ledger, address, credit_ref, credit_index, amount, amount, at, expires_at from credit_history h
  where amount > 0 and not exists (
    select from credit_past_lots p where p.ledger = h.ledger and p.address = h.address
      and p.credit_ref = h.credit_ref and p.credit_index = h.credit_index)`;

const ACCOUNTS = `
  insert into credit_accounts (ledger, address, granted, debit_at, debit_ref, debit_index)
  select ledger, address, sum(amount) filter (where amount > 0), max(at) filter (where amount < 0),
    max(credit_ref) filter (where amount < 0), max(credit_index) filter (where amount < 0)
  from credit_history group by ledger, address`;

/** Debits that emptied a thousand lots each. */
const DRAINED = `
  with numbered as (
    select *, row_number() over (order by at) - 1 as n from credit_history where address = 'emptied'),
  moved as (
    insert into credit_past_lots
    select ledger, address, credit_ref, credit_index, amount, 0, at, expires_at from numbered),
  drained as (
    insert into credit_drains (ledger, address, debit_ref, debit_index, lot_ref, lot_index, amount)
    select ledger, address, 'debits', n / ${EMPTIED_PER_DEBIT}, credit_ref, credit_index, amount from numbered)
  insert into credit_history (ledger, credit_ref, credit_index, address, amount, at, payment_method)
  select ledger, 'debits', n / ${EMPTIED_PER_DEBIT}, address, -sum(amount), timestamptz '2026-03-01', 'credit_expense'
  from numbered group by ledger, address, n / ${EMPTIED_PER_DEBIT}`;

export async function fill(pool: Pool): Promise<void> {
  await pool.query(grants('emptied', EMPTIED, 100, '2026-02-03'));
  await pool.query(DRAINED);
  for (const size of SIZES) {
    const count = size === 'emptied' ? 10 : Number(size);
    await pool.query(grants(ADDRESSES[size], count, 1_000_000, '2026-04-01'));
  }
  for (const address of MANY) await pool.query(grants(address, 20, 1_000_000, '2026-04-01'));
  await pool.query(LOTS);
  await pool.query(ACCOUNTS);
  await pool.query('vacuum analyze');
}

/** A thousand addresses with 20 lots each, for one expense. */
export const MANY = Array.from({ length: 1000 }, (_, i) => `many-${i}`);
