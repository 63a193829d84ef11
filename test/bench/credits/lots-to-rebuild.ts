import type { Pool } from 'pg';

export const LEDGER = 'aleph' as const;
const ADDRESSES = 2500;
const LOTS_EACH = 20;
const MANY = 25_000;
export const LOTS = ADDRESSES * LOTS_EACH + MANY;

/** Histories without lots: many addresses with 20 grants and two expenses each, and one with 25,000 and 2,500. */
export async function fillHistory(pool: Pool): Promise<void> {
  for (const [addresses, lots, debits] of [
    [`'address ' || a from generate_series(1, ${ADDRESSES}) a`, LOTS_EACH, 2],
    [`'one of many'`, MANY, 2500],
  ] as const) {
    await pool.query(`
      with name as (select ${addresses})
      insert into credit_history (ledger, credit_ref, credit_index, address, amount, at, expires_at, provider, payment_method)
      select '${LEDGER}', encode(sha256((address || ' g ' || i)::bytea), 'hex'), 0, address, 1000,
        timestamptz '2026-03-01' + i * interval '1 minute',
        case when i % 2 = 0 then timestamptz '2100-01-01' + i * interval '1 minute' end, 'bench', 'credit_card'
      from name as n(address), generate_series(1, ${lots}) i
      union all
      select '${LEDGER}', encode(sha256((address || ' e ' || i)::bytea), 'hex'), 0, address, -1500,
        timestamptz '2026-04-01' + i * interval '1 minute', null, 'ALEPH', 'credit_expense'
      from name as n(address), generate_series(1, ${debits}) i`);
  }
  await pool.query('vacuum analyze');
}

export async function loseLots(pool: Pool): Promise<void> {
  await pool.query(
    'truncate credit_lots, credit_past_lots, credit_drains, credit_shortfalls, credit_accounts',
  );
}
