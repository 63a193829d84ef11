import type { Pool } from 'pg';
import { oneByOne } from '../callers.js';

const QUEUES = ['queued', 'pending', 'transmitting', 'retransmitting', 'sent', 'received'];
const READS = 60;

/** So many rows by one statement: each stays within the time limit of a connection. */
const PIECE = 20_000;

/** Finished orders, until there are so many. Their numbers are below zero, apart from those that are transmitted. */
export async function fillEnded(pool: Pool, count: number): Promise<void> {
  const { rows } = await pool.query<{ there: bigint }>(
    'select count(*) as there from orders where tx_seq_num < 0',
  );
  for (let from = Number(rows[0]?.there ?? 0) + 1; from <= count; from += PIECE) {
    await pool.query(
      `insert into orders (id, channel, state, min_bid_msat, message_size, ota_bytes, message_digest, regions,
         tx_seq_num, confirm_timeout_seconds, created_at, started_at, ended_at)
       select gen_random_uuid(), 1, case n % 2 when 0 then 'sent' else 'received' end, 1000, 100, 152, repeat('0', 64), 63,
         -n, 60, at, at, at
       from generate_series($1::bigint, $2::bigint) n, lateral (select now() - n * interval '1 second' as at) t`,
      [from, Math.min(from + PIECE - 1, count)],
    );
  }
  await pool.query('analyze orders');
}

/** Milliseconds of each read, over all queues in turn. */
export function readQueues(api: string): Promise<number[]> {
  return oneByOne(READS, async (index) => {
    const response = await fetch(new URL(`/orders/${QUEUES[index % QUEUES.length] ?? ''}`, api));
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`a queue answers ${response.status}`);
  });
}
