import type { ClientBase, Pool, QueryResultRow } from 'pg';
import { enqueueRecoveries, type WorkflowStart } from '../../../engine/outbox.js';
import { inTransaction } from '../../../db/transaction.js';
import type { Cursor, DueRow, SweptTable } from './swept-tables.js';

/** Rows per transaction. */
const PAGE = 500;

/** After so many sweeps for one deadline, a run of the workflow that exists is replaced: it may fail for ever. */
const SWEEPS_IN_VAIN = 3;

const START: Cursor = { dueAt: '-infinity', key: ['00000000-0000-0000-0000-000000000000', 0] };

export interface SweepOptions {
  readonly graceSeconds: number;
  /** Temporal has not got to what it was given: rows that were swept before are left, and no run is replaced. */
  readonly isBehind: boolean;
}

interface Page {
  readonly recovered: number;
  /** Where its last row is; undefined when there is no further page. */
  readonly end: Cursor | undefined;
}

/**
 * Finds open rows that are past their deadline by more than the grace, and starts or wakes their workflows; returns how many. It
 * acts again for the same deadline after growing times. It needs nothing that Temporal stores. Any number of relays may sweep at
 * once: a row that one has locked, the others skip.
 */
export async function sweep<R extends QueryResultRow>(
  pool: Pool,
  table: SweptTable<R>,
  options: SweepOptions,
): Promise<number> {
  let recovered = 0;
  let from: Cursor | undefined = START;
  while (from !== undefined) {
    const after: Cursor = from;
    const page = await inTransaction(pool, (tx) => sweepPage(tx, table, options, after));
    recovered += page.recovered;
    from = page.end;
  }
  return recovered;
}

async function sweepPage<R extends QueryResultRow>(
  tx: ClientBase,
  table: SweptTable<R>,
  { graceSeconds, isBehind }: SweepOptions,
  after: Cursor,
): Promise<Page> {
  const { rows } = await tx.query<R>(table.selectDue, [
    ...[graceSeconds, PAGE, after.dueAt, ...after.key],
    !isBehind,
  ]);
  const due = rows.map(table.read);
  const lost = await withoutPendingStarts(tx, due);
  if (lost.length > 0) {
    await enqueueRecoveries(tx, lost.map(recoveryOf));
    const ids = lost.map(({ key }) => key[0]);
    const numbers = lost.map(({ key }) => key[1]);
    await tx.query(table.markSwept, [ids, numbers]);
  }
  return { recovered: lost.length, end: due.length < PAGE ? undefined : due.at(-1) };
}

/** Temporal keeps up, or rows that were swept before would not have been selected. */
function recoveryOf({ start, sweeps }: DueRow): WorkflowStart {
  return sweeps >= SWEEPS_IN_VAIN ? { ...start, replace: true } : start;
}

/** A workflow whose start is still in the outbox is not lost: Temporal is down, or slow. */
async function withoutPendingStarts(tx: ClientBase, due: readonly DueRow[]): Promise<DueRow[]> {
  if (due.length === 0) return [];
  const { rows } = await tx.query<{ id: string }>(
    `select ordering_key as id from only outbox
     where destination = 'temporal' and kind = 'start' and published_at is null
       and ordering_key = any($1)`,
    [due.map(({ start }) => start.workflowId)],
  );
  const pending = new Set(rows.map(({ id }) => id));
  return due.filter(({ start }) => !pending.has(start.workflowId));
}
