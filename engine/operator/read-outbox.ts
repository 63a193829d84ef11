import type { Pool } from 'pg';
import type { NodeCallKind } from '../../domain/invoices/node-calls.js';

type OutboxDestination = 'nats' | 'temporal' | 'node';

/** A row that is still to be delivered to NATS or Temporal, or a call that is still to be made. Its payload is not shown. */
export interface OutboxRow {
  readonly id: bigint;
  readonly destination: OutboxDestination;
  readonly kind: 'event' | 'start' | 'wake' | NodeCallKind;
  readonly subject: string;
  readonly createdAt: Date;
  /** When it was first to be delivered. */
  readonly since: Date;
  /** Not delivered before this: retries move it. */
  readonly availableAt: Date;
  readonly attempts: number;
  readonly lastError: string | null;
}

/** The oldest first, after the row with that id. */
export async function readOutbox(pool: Pool, after: bigint, limit: number): Promise<OutboxRow[]> {
  const { rows } = await pool.query<OutboxRow>(
    `select id, destination, kind, subject, created_at as "createdAt", due_since as since, available_at as "availableAt",
       attempts, last_error as "lastError"
     from outbox where published_at is null and id > $1 order by id limit $2`,
    [after, limit],
  );
  return rows;
}

export interface OutboxSummary {
  readonly destination: OutboxDestination;
  readonly backlog: bigint;
  /** Null when nothing waits. */
  readonly oldestSeconds: number | null;
}

export async function summarizeOutbox(pool: Pool): Promise<OutboxSummary[]> {
  const { rows } = await pool.query<OutboxSummary>(
    `select d.destination, count(o.id) as backlog,
       extract(epoch from clock_timestamp() - min(least(o.due_since, clock_timestamp())))::float8 as "oldestSeconds"
     from unnest(array['nats', 'temporal', 'node']) as d (destination)
     left join outbox o on o.destination = d.destination and o.published_at is null
     group by d.destination order by d.destination`,
  );
  return rows;
}
