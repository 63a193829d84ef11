import type { ClientBase, Pool } from 'pg';
import { pipeline } from '../../../db/pipeline.js';
import { inOneTrip, inTransaction } from '../../../db/transaction.js';
import type { Destination, OutboxRow, Run } from './destination.js';
import { foldWakes, type Taken } from './fold-wakes.js';

/** Rows searched for the next due time; polling finds those further back. */
const LOOK_AHEAD_ROWS = 1_000;
/** A row that fell due within this time may have been missed by the take before. */
const JUST_DUE_MS = 250;
const SHORTEST_WAIT_MS = 10;

/** No row has a priority after this one. */
export const LAST_PRIORITY = 9;

/**
 * The statistics of a table that fills and empties within seconds are always wrong, and a plan made from them can take minutes.
 * Only index scans and nested loops are left to the planner, and the orders requested below are those of the partial indexes.
 * A lease that is lost when PostgreSQL crashes does no harm, so its commit does not wait for the disk.
 */
export const PIN_PLAN = `
  set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_sort = off;
  set local enable_hashjoin = off; set local enable_mergejoin = off; set local jit = off;
  set local synchronous_commit = off`;

/** Due by the clock, not by the start of the transaction: a row that is visible is due, unless it was delayed. */
const FREE = `
  h.published_at is null and h.available_at <= clock_timestamp()
  and (h.leased_until is null or h.leased_until <= clock_timestamp())`;

const TAKEN = `
  returning o.id, o.kind, o.ordering_key as "orderingKey", o.subject, o.payload, o.attempts, o.lease,
    o.traceparent, (select epoch from installation) as epoch`;

/**
 * Heads are rows without an earlier unpublished row of their key. `between` makes the destination part of the sort order, which
 * rules out the index of ids: that one would lead through everything ever published. Comparing whole entries (key, id) leaves the
 * planner no choice either; the entry before an unpublished row is an unpublished row too, so each search is short. Rows of a key
 * are leased together with its head, and a head under a lease is not taken: so nobody else delivers any of them meanwhile. A row
 * that waits for its next attempt holds back those after it.
 */
export const TAKE_BY_KEY = `
  with heads as materialized (
    select h.id, h.ordering_key from only outbox h
    where h.destination between $1 and $1 and ${FREE}
      and (select e.ordering_key from only outbox e
           where e.destination = $1 and e.published_at is null
             and (e.ordering_key, e.id) < (h.ordering_key, h.id)
           order by e.ordering_key desc, e.id desc limit 1) is distinct from h.ordering_key
    order by h.destination, h.id limit $2
    for update skip locked),
  run as materialized (
    select f.id, f.due from heads h
    cross join lateral (
      select f.id, bool_and(f.available_at <= clock_timestamp()) over (order by f.ordering_key, f.id) as due
      from only outbox f
      where f.destination = $1 and f.published_at is null
        and (f.ordering_key, f.id) >= (h.ordering_key, h.id) and f.ordering_key <= h.ordering_key
      order by f.ordering_key, f.id
      limit greatest(1, $3 / (select count(*) from heads))) f)
  update only outbox o set lease = o.lease + 1, leased_until = clock_timestamp() + interval '5 seconds'
  from run where o.id = run.id and run.due and o.published_at is null ${TAKEN}`;

/** Without an index of priorities, where another order is requested. */
export const NO_INDEX = '+ 0';

const takeFree = (order: string, hint = ''): string => `
  with free as materialized (
    select h.id from only outbox h
    where h.destination between $1 and $1 and h.priority ${hint} <= $2 and ${FREE}
    order by ${order} limit $3
    for update skip locked)
  update only outbox o set lease = o.lease + 1, leased_until = clock_timestamp() + interval '5 seconds'
  from free where o.id = free.id and o.published_at is null ${TAKEN}`;

export const TAKE_BY_PRIORITY = takeFree('h.destination, h.priority, h.id');
/** So that no row waits for ever behind those that go first. */
export const TAKE_OLDEST = takeFree('h.destination, h.id', NO_INDEX);

export interface Take {
  /** Whatever its priority. Has no effect where rows have an order. */
  readonly oldestFirst?: boolean;
  /** Rows after this priority are left. */
  readonly lastPriority?: number;
}

/** Takes rows under leases, in a transaction of its own, and gives them by their key. */
export async function takeRuns(
  pool: Pool,
  destination: Pick<Destination, 'name' | 'order' | 'limits'>,
  take: Take = {},
): Promise<Taken> {
  if (destination.name !== 'temporal') {
    const { rows } = await inOneTrip(pool, PIN_PLAN, (tx) => select(tx, destination, take));
    return { runs: byKey(rows), folded: [] };
  }
  return inTransaction(pool, async (tx) => {
    const [, { rows }] = await pipeline([tx.query(PIN_PLAN), select(tx, destination, take)]);
    return foldWakes(tx, byKey(rows));
  });
}

function select(
  tx: ClientBase,
  { name, order, limits }: Pick<Destination, 'name' | 'order' | 'limits'>,
  { oldestFirst = false, lastPriority = LAST_PRIORITY }: Take,
): Promise<{ rows: OutboxRow[] }> {
  if (order === 'key') {
    return tx.query<OutboxRow>(TAKE_BY_KEY, [name, limits.keys, limits.rows]);
  }
  const sql = oldestFirst ? TAKE_OLDEST : TAKE_BY_PRIORITY;
  return tx.query<OutboxRow>(sql, [name, lastPriority, limits.rows]);
}

function byKey(rows: OutboxRow[]): Run[] {
  const runs = new Map<string, OutboxRow[]>();
  for (const row of rows.sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const run = runs.get(row.orderingKey);
    if (run === undefined) runs.set(row.orderingKey, [row]);
    else run.push(row);
  }
  return [...runs.values()];
}

export interface Waiting {
  readonly destination: Destination['name'] | 'node';
  readonly pollMs: number;
  readonly lastPriority?: number;
}

/** Milliseconds until the next delayed row falls due; at most `pollMs`. */
export async function msUntilDue(
  pool: Pool,
  { destination, pollMs, lastPriority = LAST_PRIORITY }: Waiting,
): Promise<number> {
  const { rows } = await pool.query<{ ms: number | null }>(
    `select extract(epoch from min(w.available_at) - clock_timestamp())::float8 * 1000 as ms
     from (select available_at, leased_until, priority from only outbox
           where destination between $1 and $1 and published_at is null
           order by destination, id limit $2) w
     where w.available_at > clock_timestamp() - $3 * interval '1 millisecond'
       and w.priority <= $4 and (w.leased_until is null or w.leased_until <= clock_timestamp())`,
    [destination, LOOK_AHEAD_ROWS, JUST_DUE_MS, lastPriority],
  );
  const ms = rows[0]?.ms ?? pollMs;
  return Math.max(SHORTEST_WAIT_MS, Math.min(ms, pollMs));
}
