import type { ClientBase, Pool, QueryResultRow } from 'pg';
import { enqueueRecoveries } from '../../../engine/outbox.js';
import { inTransaction } from '../../../db/transaction.js';
import type { Cursor, DueRow, SweptTable } from './swept-table.js';

/** Rows per transaction. */
const PAGE = 500;

const START: Cursor = { dueAt: '-infinity', key: ['00000000-0000-0000-0000-000000000000', 0] };

interface Page {
  readonly recovered: number;
  /** Of its last row; undefined when it was the last page. */
  readonly end: Cursor | undefined;
}

/**
 * Finds open rows that nobody attended to by their deadline and a grace, and starts or wakes their workflows; gives how many.
 * It needs nothing that Temporal keeps. Any number of relays may sweep at once: a row that one has locked, another skips.
 */
export async function sweep<R extends QueryResultRow>(
  pool: Pool,
  table: SweptTable<R>,
  graceSeconds: number,
): Promise<number> {
  let recovered = 0;
  let from: Cursor | undefined = START;
  while (from !== undefined) {
    const after: Cursor = from;
    const page = await inTransaction(pool, (tx) => sweepPage(tx, table, graceSeconds, after));
    recovered += page.recovered;
    from = page.end;
  }
  return recovered;
}

async function sweepPage<R extends QueryResultRow>(
  tx: ClientBase,
  table: SweptTable<R>,
  graceSeconds: number,
  after: Cursor,
): Promise<Page> {
  const { rows } = await tx.query<R>(table.selectDue, [
    graceSeconds,
    PAGE,
    after.dueAt,
    ...after.key,
  ]);
  const due = rows.map(table.read);
  const lost = await withoutWaiting(tx, due);
  if (lost.length > 0) {
    await enqueueRecoveries(
      tx,
      lost.map(({ start }) => start),
    );
    const ids = lost.map(({ key }) => key[0]);
    const numbers = lost.map(({ key }) => key[1]);
    await tx.query(table.postpone, [graceSeconds, ids, numbers]);
  }
  return { recovered: lost.length, end: due.length < PAGE ? undefined : due.at(-1) };
}

/** Those whose start still waits in the outbox are not lost: Temporal is down, or slow. */
async function withoutWaiting(tx: ClientBase, due: readonly DueRow[]): Promise<DueRow[]> {
  if (due.length === 0) return [];
  const { rows } = await tx.query<{ id: string }>(
    `select ordering_key as id from outbox
     where destination = 'temporal' and kind = 'start' and published_at is null
       and ordering_key = any($1)`,
    [due.map(({ start }) => start.workflowId)],
  );
  const waiting = new Set(rows.map(({ id }) => id));
  return due.filter(({ start }) => !waiting.has(start.workflowId));
}
