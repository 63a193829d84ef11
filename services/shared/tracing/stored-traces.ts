import type { Pool } from 'pg';

/** Subjects of rows and messages, as far as they name an attempt or an order. */
export interface Subjects {
  /** Ids of workflows. */
  readonly workflowIds?: readonly string[];
  /** Payment hashes. */
  readonly hashes?: readonly string[];
}

const ATTEMPT = /^action\/([0-9a-f-]{36})\/(\d{1,9})$/;
const ORDER = /^order\/([0-9a-f-]{36})$/;

/** The traces in which attempts and orders were opened, by the names given. */
export async function storedTraces(
  pool: Pool,
  { workflowIds = [], hashes = [] }: Subjects,
): Promise<ReadonlyMap<string, string>> {
  const attempts = workflowIds.flatMap((id) => {
    const [, action, attempt] = ATTEMPT.exec(id) ?? [];
    return action === undefined ? [] : [{ action, attempt: Number(attempt) }];
  });
  const orders = workflowIds.flatMap((id) => ORDER.exec(id)?.[1] ?? []);
  if (attempts.length + orders.length + hashes.length === 0) return new Map();
  const { rows } = await pool.query<{ name: string; traceparent: string }>(
    `select 'action/' || a.action_id || '/' || a.attempt as name, a.traceparent
     from unnest($1::uuid[], $2::integer[]) w (action_id, attempt)
     join attempts a on a.action_id = w.action_id and a.attempt = w.attempt
     where a.traceparent is not null
     union all
     select 'order/' || id, traceparent from orders where id = any($3::uuid[]) and traceparent is not null
     union all
     select i.hash, coalesce(a.traceparent, o.traceparent)
     from invoices i
     left join attempts a on a.action_id = i.action_id and a.attempt = i.attempt
     left join orders o on o.id = i.order_id
     where i.hash = any($4::text[]) and coalesce(a.traceparent, o.traceparent) is not null`,
    [
      attempts.map(({ action }) => action),
      attempts.map(({ attempt }) => attempt),
      orders,
      [...hashes],
    ],
  );
  return new Map(rows.map(({ name, traceparent }) => [name, traceparent]));
}
