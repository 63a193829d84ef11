import type { Pool } from 'pg';
import { keepDelivered } from '../../../engine/outbox.js';

/** How long rows belong to the relay that has taken them. The statements that take rows spell it too. */
export const LEASE_MS = 5_000;
const RENEW_EVERY_MS = 2_000;
const LONGEST_ERROR = 500;

/** A row that this process has taken. */
export interface Leased {
  readonly id: bigint;
  readonly lease: number;
}

/** What became of a row. Without an error and not done: it was not tried, and is free again. */
export interface Outcome {
  readonly row: Leased;
  readonly done: boolean;
  readonly error?: string;
  /** After an error: when it may be tried again. */
  readonly waitMs?: number;
}

/** The lease guards every change: when another relay has taken the row since, nothing happens. */
const MARK = `
  with k as materialized (
    select * from unnest($1::bigint[], $2::integer[], $3::boolean[], $4::text[], $5::float8[])
      as k (id, lease, done, error, wait_ms)),
  left_over as (
    update only outbox o set
      attempts = o.attempts + case when k.error is null then 0 else 1 end,
      last_error = coalesce(k.error, o.last_error),
      available_at = case when k.error is null then o.available_at
        else clock_timestamp() + k.wait_ms * interval '1 millisecond' end,
      leased_until = null
    from k
    where not k.done and o.id = any($1::bigint[]) and o.id = k.id and o.lease = k.lease and o.published_at is null),
  done as (
    delete from only outbox o using k
    where k.done and o.id = any($1::bigint[]) and o.id = k.id and o.lease = k.lease and o.published_at is null
    returning o.*)
  ${keepDelivered('done')}`;

/** What was delivered leaves the table, the leases of the others end: in one statement. */
export async function markRows(pool: Pool, outcomes: readonly Outcome[]): Promise<void> {
  if (outcomes.length === 0) return;
  await pool.query(MARK, [
    outcomes.map(({ row }) => row.id),
    outcomes.map(({ row }) => row.lease),
    outcomes.map(({ done }) => done),
    outcomes.map(({ error }) => (error === undefined ? null : storable(error))),
    outcomes.map(({ waitMs = 0 }) => waitMs),
  ]);
}

const RENEW = `
  update only outbox o set leased_until = clock_timestamp() + $3 * interval '1 millisecond'
  from unnest($1::bigint[], $2::integer[]) as k (id, lease)
  where o.id = any($1::bigint[]) and o.id = k.id and o.lease = k.lease and o.published_at is null`;

/** Renews the leases of the rows that are under way, as long as it runs. */
export class LeaseRenewal {
  readonly #timer: NodeJS.Timeout;

  /** When PostgreSQL is away, other relays deliver the rows a second time: nothing else depends on a lease. */
  constructor(pool: Pool, underway: () => readonly Leased[], onError: (error: unknown) => void) {
    this.#timer = setInterval(() => {
      const rows = underway();
      if (rows.length === 0) return;
      const values = [rows.map(({ id }) => id), rows.map(({ lease }) => lease), LEASE_MS];
      pool.query(RENEW, values).catch(onError);
    }, RENEW_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** PostgreSQL's text cannot hold zero bytes; one in an error must not make the whole marking fail. */
function storable(text: string): string {
  return text.replaceAll('\0', '').slice(0, LONGEST_ERROR);
}
