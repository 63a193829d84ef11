import type { ClientBase, Pool } from 'pg';
import { pipeline } from '../../../db/pipeline.js';
import type { BatchLimits, DestinationName, OutboxRow, Run } from './destination.js';

/** Rows searched for the next due time; polling finds those further back. */
const LOOK_AHEAD_ROWS = 1_000;
/** A row that fell due within this time may have been missed by the take before; an older one is being delivered by another relay. */
const JUST_DUE_MS = 250;
const SHORTEST_WAIT_MS = 10;

/**
 * The statistics of a table that fills and empties within seconds are always wrong, and a plan made from them can take minutes.
 * Only index scans are left to the planner, and the orders requested below are those of the two partial indexes.
 */
export const PIN_PLAN = `
  set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_sort = off; set local jit = off`;

/**
 * Rows are due by the clock, not by the start of the transaction: a row that is visible is due, unless it was delayed.
 * Heads are rows without an earlier unpublished row of their key. `between` makes the destination part of the sort order, which
 * rules out the index of ids: that one would lead through everything ever published. Comparing whole entries (key, id) leaves the
 * planner no choice either; the entry before an unpublished row is an unpublished row too, so each search is short. The lock of a
 * head reserves its key: until the head is published, no other relay sees one of its followers as a head.
 */
export const TAKE = `
  with heads as materialized (
    select h.id, h.ordering_key from outbox h
    where h.destination between $1 and $1 and h.published_at is null and h.available_at <= clock_timestamp()
      and (select e.ordering_key from outbox e
           where e.destination = $1 and e.published_at is null
             and (e.ordering_key, e.id) < (h.ordering_key, h.id)
           order by e.ordering_key desc, e.id desc limit 1) is distinct from h.ordering_key
    order by h.destination, h.id limit $2
    for update skip locked)
  select f.id, f.kind, f.ordering_key as "orderingKey", f.subject, f.payload, f.attempts,
         f.available_at <= clock_timestamp() as due, i.epoch
  from heads h
  cross join installation i
  cross join lateral (
    select * from outbox f
    where f.destination = $1 and f.published_at is null
      and (f.ordering_key, f.id) >= (h.ordering_key, h.id) and f.ordering_key <= h.ordering_key
    order by f.ordering_key, f.id
    limit greatest(1, $3 / (select count(*) from heads))) f`;

type TakenRow = OutboxRow & { readonly due: boolean };

/** Locks the oldest runs that no other relay is delivering, until the transaction ends. */
export async function takeRows(
  tx: ClientBase,
  destination: DestinationName,
  { keys, rows: limit }: BatchLimits,
): Promise<Run[]> {
  const [, { rows }] = await pipeline([
    tx.query(PIN_PLAN),
    tx.query<TakenRow>(TAKE, [destination, keys, limit]),
  ]);
  const runs = new Map<string, TakenRow[]>();
  for (const row of rows.sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const run = runs.get(row.orderingKey);
    if (run === undefined) runs.set(row.orderingKey, [row]);
    else run.push(row);
  }
  return [...runs.values()].map(untilNotDue);
}

/** A row that waits for its next attempt holds back those after it. */
function untilNotDue(run: readonly TakenRow[]): Run {
  const end = run.findIndex((row) => !row.due);
  return end === -1 ? run : run.slice(0, end);
}

/** Milliseconds until the next delayed row falls due; at most `pollMs`. */
export async function msUntilDue(
  pool: Pool,
  destination: DestinationName,
  pollMs: number,
): Promise<number> {
  const { rows } = await pool.query<{ ms: number | null }>(
    `select extract(epoch from min(w.available_at) - clock_timestamp())::float8 * 1000 as ms
     from (select available_at from outbox where destination between $1 and $1 and published_at is null
           order by destination, id limit $2) w
     where w.available_at > clock_timestamp() - $3 * interval '1 millisecond'`,
    [destination, LOOK_AHEAD_ROWS, JUST_DUE_MS],
  );
  const ms = rows[0]?.ms ?? pollMs;
  return Math.max(SHORTEST_WAIT_MS, Math.min(ms, pollMs));
}
