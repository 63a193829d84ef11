import type { Pool } from 'pg';
import { actionWorkflowId, orderWorkflowId } from '../../domain/names/workflows.js';

/** An open attempt or order that is overdue: its workflow, or the sweep, should have acted. */
export interface StuckProcess {
  readonly machine: 'attempt' | 'order';
  /** `<action>/<attempt>`, or the order's id: as the transitions name it. */
  readonly subject: string;
  readonly workflowId: string;
  readonly state: string;
  readonly openedAt: Date;
  readonly dueAt: Date;
  readonly overdueSeconds: number;
  /** Where the next page begins. */
  readonly position: StuckPosition;
}

/** `dueUs`: microseconds since 1970, so that no two rows become one. */
export interface StuckPosition {
  readonly dueUs: bigint;
  readonly subject: string;
}

interface Row extends Omit<StuckProcess, 'workflowId' | 'position'> {
  readonly dueUs: bigint;
  readonly actionId: string | null;
  readonly attempt: number | null;
}

const READ = `
  with now as (select clock_timestamp() as at),
  late as (
    (select 'attempt' as machine, action_id || '/' || attempt as subject, action_id, attempt, state,
       opened_at, due_at
     from attempts, now where due_at < now.at
       and (due_at, action_id || '/' || attempt) > (timestamptz 'epoch' + $1::bigint * interval '1 us', $2)
     order by due_at, 2 limit $3)
    union all
    (select 'order', id::text, null, null, state, created_at, due_at
     from orders, now where due_at < now.at
       and (due_at, id::text) > (timestamptz 'epoch' + $1::bigint * interval '1 us', $2)
     order by due_at, 2 limit $3))
  select machine, subject, action_id as "actionId", attempt, state, opened_at as "openedAt",
    due_at as "dueAt", extract(epoch from now.at - due_at)::float8 as "overdueSeconds",
    (extract(epoch from due_at) * 1000000)::bigint as "dueUs"
  from late, now order by due_at, subject limit $3`;

/** The longest overdue first. */
export async function readStuck(
  pool: Pool,
  after: StuckPosition | undefined,
  limit: number,
): Promise<StuckProcess[]> {
  const { rows } = await pool.query<Row>(READ, [after?.dueUs ?? 0n, after?.subject ?? '', limit]);
  return rows.map(({ dueUs, actionId, attempt, ...row }) => ({
    ...row,
    workflowId:
      actionId === null || attempt === null
        ? orderWorkflowId(row.subject)
        : actionWorkflowId(actionId, attempt),
    position: { dueUs, subject: row.subject },
  }));
}
