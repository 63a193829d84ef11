import type { Pool } from 'pg';

/** What expenses of ledger `aleph` asked for, of an address or of all. */
export async function readConsumedBy(pool: Pool, address: string): Promise<bigint> {
  const { rows } = await pool.query<{ consumed: bigint }>(
    `select coalesce(sum(abs(amount)), 0)::bigint as consumed from credit_history
     where ledger = 'aleph' and payment_method = 'credit_expense' and address = $1`,
    [address],
  );
  return rows[0]?.consumed ?? 0n;
}

/** The same for resources: an expense is of its origin, or where that is missing of its reference. Those without rows are absent. */
export async function readConsumedByResource(
  pool: Pool,
  itemHashes: readonly string[],
): Promise<ReadonlyMap<string, bigint>> {
  if (itemHashes.length === 0) return new Map();
  const { rows } = await pool.query<{ resource: string; consumed: bigint }>(
    `select coalesce(nullif(origin, ''), origin_ref) as resource, sum(abs(amount))::bigint as consumed from credit_history
     where ledger = 'aleph' and payment_method = 'credit_expense'
       and coalesce(nullif(origin, ''), origin_ref) = any($1::text[])
     group by 1`,
    [itemHashes],
  );
  return new Map(rows.map(({ resource, consumed }) => [resource, consumed]));
}
