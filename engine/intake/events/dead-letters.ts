import type { Pool } from 'pg';

/** Outcomes of deliveries that hold nothing that can be applied. The index on them names the same. */
export const DEAD = `('not_json', 'legacy_format', 'not_an_order', 'id_only', 'error_body', 'too_large', 'unknown_topic')`;

export interface StoreDeadLetter {
  readonly id: bigint;
  readonly receivedAt: Date;
  readonly topic: string;
  readonly webhookId: bigint | null;
  /** `bad_signature`, or why its body is no order. */
  readonly reason: string;
  readonly bytes: number;
  readonly orderId: bigint | null;
  readonly erasedAt: Date | null;
}

/** Deliveries that were refused or could not be read, newest first. */
export async function readStoreDeadLetters(
  pool: Pool,
  store: string,
  { before, limit }: { readonly before: bigint; readonly limit: number },
): Promise<StoreDeadLetter[]> {
  const { rows } = await pool.query<StoreDeadLetter>(
    `select id, received_at as "receivedAt", topic, webhook_id as "webhookId", coalesce(outcome, 'bad_signature') as reason,
       body_bytes as bytes, order_id as "orderId", erased_at as "erasedAt"
     from (
       (select * from store_events where store = $1 and id < $2 and outcome in ${DEAD} order by id desc limit $3)
       union all
       (select * from store_events where store = $1 and id < $2 and not verified order by id desc limit $3)) dead
     order by id desc limit $3`,
    [store, before, limit],
  );
  return rows;
}
