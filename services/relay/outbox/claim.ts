import type { ClientBase } from 'pg';
import { pipeline } from '../../../db/pipeline.js';
import type { DestinationName, OutboxRow, Run } from './row.js';

export interface ClaimLimits {
  readonly keys: number;
  /** In all: one key alone may have as many, many keys share them. */
  readonly rows: number;
}

/**
 * Statistics of a table that fills and empties within seconds are always wrong, and a plan made from them can take minutes: only
 * walking along indexes is left to the planner, and the orders asked for below are those of the two partial ones.
 */
export const PIN_PLAN = `
  set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_sort = off; set local jit = off`;

/**
 * Due by the clock and not by the start of the transaction: a row that is seen is due, unless it was told to wait.
 * Heads are rows without an earlier unpublished row of their key. `between` makes an order of the destination, which the index
 * of ids does not have: that one would lead through all that was ever published. The comparison of whole entries (key, id)
 * leaves no choice either; the entry before a row that waits is another that waits, so each look is short. A head's lock holds its key:
 * its followers are nobody else's heads until it is published.
 */
export const CLAIM = `
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

type ClaimedRow = OutboxRow & { readonly due: boolean };

/** Locks the oldest runs that nobody else is delivering, until the transaction ends. */
export async function claim(
  tx: ClientBase,
  destination: DestinationName,
  { keys, rows: limit }: ClaimLimits,
): Promise<Run[]> {
  const [, { rows }] = await pipeline([
    tx.query(PIN_PLAN),
    tx.query<ClaimedRow>(CLAIM, [destination, keys, limit]),
  ]);
  const runs = new Map<string, ClaimedRow[]>();
  for (const row of rows.sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const run = runs.get(row.orderingKey);
    if (run === undefined) runs.set(row.orderingKey, [row]);
    else run.push(row);
  }
  return [...runs.values()].map(untilNotDue);
}

/** A follower that waits to be tried again holds back those after it. */
function untilNotDue(run: readonly ClaimedRow[]): Run {
  const end = run.findIndex((row) => !row.due);
  return end === -1 ? run : run.slice(0, end);
}
