import type { ClientBase } from 'pg';
import type { Machine } from '../domain/machine.js';
import { WORKFLOW_QUEUES, type WorkflowType } from '../domain/names/workflows.js';
import type { SearchAttribute } from '../domain/names/search-attributes.js';
import { openedState } from './transition.js';

/** What the relay needs to start a workflow. Names, ids, amounts and states only: operators read it in Temporal's UI. */
export interface WorkflowStart {
  readonly workflowType: WorkflowType;
  readonly workflowId: string;
  readonly input: Readonly<Record<string, string | number>>;
  readonly attributes: Readonly<Partial<Record<SearchAttribute, string>>>;
  /** At most 200 bytes, one line of the workflow list. */
  readonly summary: string;
  /** Woken where it runs, started again where it has ended or is lost. Without it: started once only. */
  readonly recover?: true;
}

export interface OutboxEvent {
  readonly subject: string;
  /** Events of one key are published one at a time, in the order of their transactions. */
  readonly orderingKey: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** A row for {@link enqueue}. */
export interface OutboxInsert {
  readonly destination: 'nats' | 'temporal';
  readonly kind: 'event' | 'wake';
  readonly orderingKey: string;
  readonly subject: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

const INSERT = `
  insert into outbox (destination, kind, ordering_key, subject, payload, available_at)
  values ($1, $2, $3, $4, $5, clock_timestamp() + $6 * interval '1 millisecond')`;

/** In their order, in one statement. */
export async function enqueue(tx: ClientBase, rows: readonly OutboxInsert[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `insert into outbox (destination, kind, ordering_key, subject, payload, available_at)
     select destination, kind, ordering_key, subject, payload, clock_timestamp()
     from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::jsonb[])
       with ordinality as r (destination, kind, ordering_key, subject, payload, place)
     order by place`,
    [
      rows.map(({ destination }) => destination),
      rows.map(({ kind }) => kind),
      rows.map(({ orderingKey }) => orderingKey),
      rows.map(({ subject }) => subject),
      rows.map(({ payload }) => JSON.stringify(payload)),
    ],
  );
}

export function eventRow(event: OutboxEvent): OutboxInsert {
  return { destination: 'nats', kind: 'event', ...event };
}

/** Tells a workflow to read its row again; dropped when it has not started or has ended. `reason` is for the reader of its history. */
export function wakeRow(workflowId: string, reason: string): OutboxInsert {
  const names = { orderingKey: workflowId, subject: workflowId };
  return { destination: 'temporal', kind: 'wake', ...names, payload: { reason } };
}

/** Publishes an event on NATS once the transaction has committed. */
export function enqueueEvent(tx: ClientBase, event: OutboxEvent): Promise<void> {
  return enqueue(tx, [eventRow(event)]);
}

/**
 * Starts a workflow once the transaction has committed. `delayMs` gives the request time to create the invoice first, which saves
 * the workflow a task.
 */
export async function enqueueStart(
  tx: ClientBase,
  start: WorkflowStart,
  delayMs = 0,
): Promise<void> {
  const { workflowId } = start;
  await tx.query(INSERT, ['temporal', 'start', workflowId, workflowId, payloadOf(start), delayMs]);
}

/** The audit row of a row that was just opened, and the start of its workflow, in one statement. */
export async function enqueueOpening<S extends string, E extends string>(
  tx: ClientBase,
  opening: { readonly machine: Machine<S, E>; readonly subject: string; readonly event: E },
  start: WorkflowStart,
  delayMs = 0,
): Promise<void> {
  const { workflowId } = start;
  await tx.query(
    `with audit as (
       insert into transitions (machine, subject, event, to_state) values ($7, $8, $9, $10))
     ${INSERT}`,
    [
      ...['temporal', 'start', workflowId, workflowId, payloadOf(start), delayMs],
      ...[opening.machine.name, opening.subject, opening.event, openedState(opening)],
    ],
  );
}

/** Wakes the workflows that run and starts those that do not; one statement for all. */
export async function enqueueRecoveries(
  tx: ClientBase,
  starts: readonly WorkflowStart[],
): Promise<void> {
  await tx.query(
    `insert into outbox (destination, kind, ordering_key, subject, payload)
     select 'temporal', 'start', p ->> 'workflowId', p ->> 'workflowId', p
     from jsonb_array_elements($1) p`,
    [JSON.stringify(starts.map((start) => payloadOf({ ...start, recover: true })))],
  );
}

function payloadOf(start: WorkflowStart): object {
  return { ...start, taskQueue: WORKFLOW_QUEUES[start.workflowType] };
}

/** {@link wakeRow}, once the transaction has committed. */
export function enqueueWake(tx: ClientBase, workflowId: string, reason: string): Promise<void> {
  return enqueue(tx, [wakeRow(workflowId, reason)]);
}
