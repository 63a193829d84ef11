import type { Pool } from 'pg';
import type { Stay } from '../../../../domain/intake/thresholds/stay.js';

export async function insertStore(pool: Pool, store: string, zone: string): Promise<void> {
  await pool.query(
    `insert into stores (id, url, name, zone, installed_at, watermark) values ($1, 'https://shop.example/', $1, $2, $3, $3)`,
    [store, zone, new Date('2026-01-01T00:00:00Z')],
  );
}

export interface StepsOf {
  readonly store: string;
  readonly status: string;
  readonly paymentMethod: string;
  /** Of the first order. */
  readonly firstId: bigint;
}

/** An order for each stay, with that one step. */
export async function insertStays(
  pool: Pool,
  { store, status, paymentMethod, firstId }: StepsOf,
  stays: readonly Stay[],
): Promise<void> {
  const ids = stays.map((_, n) => firstId + BigInt(n));
  const entered = stays.map(({ enteredAt }) => enteredAt);
  await pool.query(
    `insert into store_orders (store, order_id, status, number, currency, total, created_via, payment_method,
       created_at, modified_at, status_since, snapshot, snapshot_hash, first_seen)
     select $1, id, $2, id::text, 'EUR', 10, 'checkout', $3, at, at, at, '{}', sha256(id::text::bytea), 'created'
     from unnest($4::bigint[], $5::timestamptz[]) o (id, at)`,
    [store, status, paymentMethod, ids, entered],
  );
  await pool.query(
    `insert into store_order_steps (store, order_id, n, status, entered_at, left_at, payment_method)
     select $1, id, 1, $2, entered_at, left_at, $3
     from unnest($4::bigint[], $5::timestamptz[], $6::timestamptz[]) o (id, entered_at, left_at)`,
    [store, status, paymentMethod, ids, entered, stays.map(({ leftAt }) => leftAt)],
  );
}
