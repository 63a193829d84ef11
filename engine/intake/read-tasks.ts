import type { Pool } from 'pg';

export interface TaskView {
  readonly store: string;
  readonly task: string;
  readonly dueAt: Date;
  readonly tries: number;
  readonly lastError: string | null;
  /** By more than a minute: its workflow does not run. */
  readonly overdue: boolean;
}

/** Of open stores. */
export async function readTasks(pool: Pool): Promise<TaskView[]> {
  const { rows } = await pool.query<TaskView>(
    `select store, task, t.due_at as "dueAt", t.tries, t.last_error as "lastError",
       t.due_at < clock_timestamp() - interval '1 minute' as overdue
     from store_tasks t join stores s on s.id = t.store where s.closed_at is null order by store, task`,
  );
  return rows;
}
