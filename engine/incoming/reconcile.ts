import type { Pool } from 'pg';
import { NODE_CALLS, type NodeCallKind } from '../../domain/invoices/node-calls.js';

/** Rows that the node may know more about than we do. */
const OPEN = {
  look_up_invoice: {
    table: 'invoices',
    where: `r.state in ('open', 'held') and r.bolt11 is not null`,
  },
  send_payment: {
    table: 'payments',
    where: `r.state = 'open' and exists (select from sends s where s.hash = r.hash)`,
  },
} as const satisfies Partial<Record<NodeCallKind, unknown>>;

export interface ReconcileOptions {
  /** The node is not asked again for the same row before. */
  readonly everySeconds: number;
  /** Invoices, and payments, at a time. */
  readonly limit: number;
}

/**
 * Asks the node for invoices and payments that are open, whether or not a message came, oldest first; returns for how many. The calls are
 * outbox rows. Any number of relays may do this at once.
 */
export async function askForOpen(pool: Pool, options: ReconcileOptions): Promise<number> {
  const invoices = await askFor(pool, 'look_up_invoice', options);
  return invoices + (await askFor(pool, 'send_payment', options));
}

async function askFor(
  pool: Pool,
  kind: keyof typeof OPEN,
  { everySeconds, limit }: ReconcileOptions,
): Promise<number> {
  const { table, where } = OPEN[kind];
  const { rowCount } = await pool.query(
    `with due as (
       select r.hash from ${table} r
       where ${where} and coalesce(r.asked_at, r.created_at) < now() - $1 * interval '1 second'
       order by coalesce(r.asked_at, r.created_at) limit $2 for no key update skip locked),
     asked as (
       update ${table} r set asked_at = clock_timestamp() from due where r.hash = due.hash returning r.hash)
     insert into outbox (destination, kind, ordering_key, subject, payload, priority)
     select 'node', $3, hash, hash, '{}', $4 from asked
     on conflict (kind, subject) where destination = 'node' and published_at is null do nothing`,
    [everySeconds, limit, kind, NODE_CALLS[kind].priority],
  );
  return rowCount ?? 0;
}
