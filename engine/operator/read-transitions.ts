import type { Pool } from 'pg';

/** One state change, from the audit. */
export interface TransitionView {
  readonly id: bigint;
  readonly event: string;
  /** Null where the row was opened. */
  readonly fromState: string | null;
  readonly toState: string;
  readonly reason: string | null;
  readonly at: Date;
}

/** What happened to one attempt (`<action>/<attempt>`) or order, in its order, after the entry with that id. */
export async function readTransitions(
  pool: Pool,
  of: { readonly machine: string; readonly subject: string },
  after: bigint,
  limit: number,
): Promise<TransitionView[]> {
  const { rows } = await pool.query<TransitionView>(
    `select id, event, from_state as "fromState", to_state as "toState", reason, at
     from transitions where machine = $1 and subject = $2 and id > $3 order by id limit $4`,
    [of.machine, of.subject, after, limit],
  );
  return rows;
}
