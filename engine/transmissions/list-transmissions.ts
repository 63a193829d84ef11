import type { Pool } from 'pg';
import type { OrderRow } from './order-row.js';

export interface TransmissionPage {
  readonly channel: number;
  readonly limit: number;
  /** Older than this one; times in epoch microseconds. */
  readonly before?: { readonly createdUs: bigint; readonly id: string };
}

/** The orders of a channel, newest first. */
export async function listTransmissions(
  pool: Pool,
  { channel, limit, before }: TransmissionPage,
): Promise<readonly (OrderRow & { readonly created_us: bigint })[]> {
  const { rows } = await pool.query<OrderRow & { created_us: bigint }>(
    `select o.*, (extract(epoch from created_at) * 1000000)::bigint as created_us from orders o
     where channel = $1 and ($2::bigint is null or (created_at, id) <
       (timestamptz 'epoch' + $2::bigint * interval '1 microsecond', $3::uuid))
     order by created_at desc, id desc limit $4`,
    [channel, before?.createdUs ?? null, before?.id ?? null, limit],
  );
  return rows;
}
