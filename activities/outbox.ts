import type { ClientBase } from 'pg';
import { WORKFLOW_QUEUES, type WorkflowType } from '../domain/names/workflows.js';
import type { SearchAttribute } from '../domain/names/search-attributes.js';

/** What the relay needs to start a workflow. Ids, amounts and states only: operators read it in Temporal's UI. */
export interface WorkflowStart {
  readonly workflowType: WorkflowType;
  readonly workflowId: string;
  readonly input: Readonly<Record<string, string | number>>;
  readonly attributes: Readonly<Partial<Record<SearchAttribute, string>>>;
  /** At most 200 bytes, one line of the workflow list. */
  readonly summary: string;
  /** Woken where it runs, started again where it is closed or lost. Without: started once only. */
  readonly recover?: true;
}

export interface OutboxEvent {
  readonly subject: string;
  /** Events of one key are published one at a time, in the order of their transactions. */
  readonly orderingKey: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

const INSERT = `
  insert into outbox (destination, kind, ordering_key, subject, payload, available_at)
  values ($1, $2, $3, $4, $5, clock_timestamp() + $6 * interval '1 millisecond')`;

/** Publishes an event on NATS once the transaction has committed. */
export async function enqueueEvent(tx: ClientBase, event: OutboxEvent): Promise<void> {
  await tx.query(INSERT, ['nats', 'event', event.orderingKey, event.subject, event.payload, 0]);
}

/**
 * Starts a workflow once the transaction has committed. `delayMs` gives the edge time to make the invoice first, which saves the
 * workflow a task.
 */
export async function enqueueStart(
  tx: ClientBase,
  start: WorkflowStart,
  delayMs = 0,
): Promise<void> {
  const { workflowId } = start;
  await tx.query(INSERT, ['temporal', 'start', workflowId, workflowId, payloadOf(start), delayMs]);
}

/** Wakes the workflows that run and starts those that do not, many in one statement. */
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

/** Tells a workflow to read its row again. Dropped when it has not started or is over. */
export async function enqueueWake(tx: ClientBase, workflowId: string): Promise<void> {
  await tx.query(INSERT, ['temporal', 'wake', workflowId, workflowId, {}, 0]);
}
