import type { Pool } from 'pg';

/** A row that is still to be delivered to NATS or Temporal. Its payload is not shown. */
export interface OutboxRow {
  readonly id: bigint;
  readonly destination: 'nats' | 'temporal';
  readonly kind: 'event' | 'start' | 'wake';
  readonly subject: string;
  readonly createdAt: Date;
  /** Not delivered before this. */
  readonly availableAt: Date;
  readonly attempts: number;
  readonly lastError: string | null;
}

/** The oldest first, after the row with that id. */
export async function readOutbox(pool: Pool, after: bigint, limit: number): Promise<OutboxRow[]> {
  const { rows } = await pool.query<OutboxRow>(
    `select id, destination, kind, subject, created_at as "createdAt", available_at as "availableAt",
       attempts, last_error as "lastError"
     from outbox where published_at is null and id > $1 order by id limit $2`,
    [after, limit],
  );
  return rows;
}

export interface OutboxSummary {
  readonly destination: 'nats' | 'temporal';
  readonly backlog: bigint;
  /** Null when nothing waits. */
  readonly oldestSeconds: number | null;
}

export async function summarizeOutbox(pool: Pool): Promise<OutboxSummary[]> {
  const { rows } = await pool.query<OutboxSummary>(
    `select d.destination, count(o.id) as backlog,
       extract(epoch from clock_timestamp() - min(o.created_at))::float8 as "oldestSeconds"
     from unnest(array['nats', 'temporal']) as d (destination)
     left join outbox o on o.destination = d.destination and o.published_at is null
     group by d.destination order by d.destination`,
  );
  return rows;
}
