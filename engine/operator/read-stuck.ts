import type { Pool } from 'pg';
import { actionWorkflowId, orderWorkflowId } from '../../domain/names/workflows.js';
import { mendPayment } from './mend.js';

/** An open attempt or order that is overdue: its workflow, or the sweep, should have acted. */
export interface StuckProcess {
  readonly machine: 'attempt' | 'order';
  /** `<action>/<attempt>`, or the order's id: as the transitions name it. */
  readonly subject: string;
  readonly workflowId: string;
  readonly state: string;
  readonly openedAt: Date;
  /** When it fell due. Nothing moves it but progress. */
  readonly since: Date;
  readonly overdueSeconds: number;
  /** How often the sweep has started or woken its workflow since then. */
  readonly tries: number;
  /** What to look at, or to run. */
  readonly mend: string;
  /** Where the next page begins. */
  readonly position: StuckPosition;
}

/** `dueUs`: microseconds since 1970, so that no two rows become one. */
export interface StuckPosition {
  readonly dueUs: bigint;
  readonly subject: string;
}

interface Row extends Omit<StuckProcess, 'workflowId' | 'mend' | 'position'> {
  readonly dueUs: bigint;
  readonly actionId: string | null;
  readonly attempt: number | null;
}

const TRIES = 'case when swept_for = due_at then sweeps else 0 end as tries';

const READ = `
  with now as (select clock_timestamp() as at),
  late as (
    (select 'attempt' as machine, action_id || '/' || attempt as subject, action_id, attempt, state,
       opened_at, due_at, ${TRIES}
     from attempts, now where due_at < now.at
       and (due_at, action_id || '/' || attempt) > (timestamptz 'epoch' + $1::bigint * interval '1 us', $2)
     order by due_at, 2 limit $3)
    union all
    (select 'order', id::text, null, null, state, created_at, due_at, ${TRIES}
     from orders, now where due_at < now.at
       and (due_at, id::text) > (timestamptz 'epoch' + $1::bigint * interval '1 us', $2)
     order by due_at, 2 limit $3))
  select machine, subject, action_id as "actionId", attempt, state, opened_at as "openedAt",
    due_at as since, extract(epoch from now.at - due_at)::float8 as "overdueSeconds", tries,
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
    ...(actionId === null || attempt === null
      ? { workflowId: orderWorkflowId(row.subject), mend: mendPayment(row.subject) }
      : { workflowId: actionWorkflowId(actionId, attempt), mend: mendPayment(actionId) }),
    position: { dueUs, subject: row.subject },
  }));
}
