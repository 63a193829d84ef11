import type { WorkflowStart } from '../../../engine/outbox.js';
import type { WorkflowType } from '../../../domain/names/workflows.js';

/** An open row, somewhere past its deadline. */
export interface DueRow {
  /** Its primary key. */
  readonly key: readonly [id: string, number: number];
  /** Its due_at as text, for a Date would lose its microseconds. */
  readonly dueAt: string;
  readonly start: WorkflowStart;
}

/** Where the row before a page's first is. */
export interface Cursor {
  readonly dueAt: string;
  readonly key: readonly [id: string, number: number];
}

/** Rows that have an owner, and a time by which it should have attended to them. */
export interface SweptTable<R> {
  readonly workflowType: WorkflowType;
  /** $1: the grace in seconds; $2: at most so many; after $3 (due_at), $4 (id) and $5 (number). Locks; skips what is locked. */
  readonly selectDue: string;
  /** $1: seconds from now; $2: ids; $3: numbers. */
  readonly postpone: string;
  readonly read: (row: R) => DueRow;
}
