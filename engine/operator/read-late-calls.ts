import type { Pool } from 'pg';
import type { NodeCallKind } from '../../domain/invoices/node-calls.js';
import { mendPayment } from './mend.js';

/** A call to the node that waits for long or has failed often. */
export interface LateCall {
  readonly kind: NodeCallKind;
  readonly hash: string;
  /** When it was first to be made. */
  readonly since: Date;
  /** Calls that failed. */
  readonly tries: number;
  readonly lastError: string | null;
  /** What to look at; null for a hash that is no invoice of ours. */
  readonly mend: string | null;
}

/** A call that waits for longer is late. */
export const CALL_LATE_SECONDS = 30;
/** So is one that failed more often. */
const CALL_LATE_TRIES = 5;

interface Row extends Omit<LateCall, 'mend'> {
  /** Of the action or order. */
  readonly id: string | null;
}

/** The longest waiting first. */
export async function readLateCalls(pool: Pool, limit: number): Promise<LateCall[]> {
  const { rows } = await pool.query<Row>(
    `select o.kind, o.subject as hash, o.due_since as since, o.attempts as tries, o.last_error as "lastError",
       coalesce(i.action_id, i.order_id) as id
     from outbox o left join invoices i on i.hash = o.subject
     where o.destination = 'node' and o.published_at is null
       and (o.due_since < clock_timestamp() - $1 * interval '1 second' or o.attempts > $2)
     order by o.due_since, o.id limit $3`,
    [CALL_LATE_SECONDS, CALL_LATE_TRIES, limit],
  );
  return rows.map(({ id, ...row }) => ({ ...row, mend: id === null ? null : mendPayment(id) }));
}
