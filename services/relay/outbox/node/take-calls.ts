import type { Pool } from 'pg';
import { type NodeCallKind, SETTLING_PRIORITY } from '../../../../domain/invoices/node-calls.js';
import { inOneTrip } from '../../../../db/transaction.js';
import { NO_INDEX, PIN_PLAN } from '../take-rows.js';

/** A call to the node, as taken from the outbox. */
export interface CallRow {
  readonly id: bigint;
  readonly kind: NodeCallKind;
  /** The payment hash. */
  readonly hash: string;
  readonly priority: number;
  /** Failed calls so far. */
  readonly attempts: number;
  readonly lease: number;
  /** The trace that it belongs to. */
  readonly traceparent?: string | null;
}

/** How many calls may begin. */
export interface Room {
  readonly settling: number;
  readonly others: number;
  /** Both together. */
  readonly all: number;
}

const FREE = `
  h.destination between 'node' and 'node' and h.published_at is null and h.available_at <= clock_timestamp()
  and (h.leased_until is null or h.leased_until <= clock_timestamp())`;

/** $1: settling calls at most; $2: other calls at most; $3: all together. */
const takeCalls = (order: string, hint = ''): string => `
  with settling as materialized (
    select h.id from only outbox h where ${FREE} and h.priority <= ${SETTLING_PRIORITY}
    order by h.destination, h.priority, h.id limit least($1::integer, $3::integer)
    for update skip locked),
  others as materialized (
    select h.id from only outbox h where ${FREE} and h.priority ${hint} > ${SETTLING_PRIORITY}
    order by ${order} limit least($2::integer, $3::integer - (select count(*) from settling))
    for update skip locked)
  update only outbox o set lease = o.lease + 1, leased_until = clock_timestamp() + interval '5 seconds'
  from (select id from settling union all select id from others) t
  where o.id = t.id and o.published_at is null
  returning o.id, o.kind, o.subject as hash, o.priority, o.attempts, o.lease, o.traceparent`;

export const TAKE_CALLS = takeCalls('h.destination, h.priority, h.id');
/** So that no call waits for ever behind those that go first. */
export const TAKE_OLDEST_CALLS = takeCalls('h.destination, h.id', NO_INDEX);

/** Takes as many calls as there is room for, in a transaction of its own; gives those that go first, first. */
export async function takeNodeCalls(
  pool: Pool,
  { settling, others, all }: Room,
  oldestFirst: boolean,
): Promise<CallRow[]> {
  const sql = oldestFirst ? TAKE_OLDEST_CALLS : TAKE_CALLS;
  const { rows } = await inOneTrip(pool, PIN_PLAN, (tx) =>
    tx.query<CallRow>(sql, [settling, others, all]),
  );
  return rows.sort((a, b) => a.priority - b.priority || (a.id < b.id ? -1 : 1));
}
