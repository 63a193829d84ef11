import type { ClientBase } from 'pg';
import type { Machine } from '../domain/machine.js';
import { NODE_CALLS, type NodeCallKind } from '../domain/invoices/node-calls.js';
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
  /** Started again, and a run of it that exists is terminated. */
  readonly replace?: true;
}

export interface OutboxEvent {
  readonly subject: string;
  /** Events of one key are published one at a time, in the order of their transactions. */
  readonly orderingKey: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** A row for {@link enqueue}. */
export interface OutboxInsert {
  readonly destination: 'nats' | 'temporal' | 'node';
  readonly kind: 'event' | 'wake' | NodeCallKind;
  /** Orders the rows of NATS only. */
  readonly orderingKey: string;
  readonly subject: string;
  readonly payload: Readonly<Record<string, unknown>>;
  /** 1 goes first. Default: {@link DEFAULT_PRIORITY}. */
  readonly priority?: number;
  /** Not delivered before. */
  readonly delayMs?: number;
  /** No relay takes it before: its writer delivers it. */
  readonly leaseMs?: number;
}

/** Of orders, and of attempts whose money is there. */
export const DEFAULT_PRIORITY = 3;
const WAKE_PRIORITY = 2;
/** For {@link StartOptions}: the relay keeps such starts in PostgreSQL while Temporal is behind. */
export const UNPAID_PRIORITY = 4;

const INSERT = `
  insert into outbox (destination, kind, ordering_key, subject, payload, priority, available_at, due_since)
  select $1, $2, $3, $4, $5, $6, due, due
  from (select clock_timestamp() + $7 * interval '1 millisecond') d (due)`;

/** In their order, in one statement. A call to the node that is open already is not added again. */
export async function enqueue(tx: ClientBase, rows: readonly OutboxInsert[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `insert into outbox (destination, kind, ordering_key, subject, payload, priority, available_at, due_since, leased_until)
     select destination, kind, ordering_key, subject, payload, priority, due, due,
       at + lease_ms * interval '1 millisecond'
     from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::smallint[], $7::float8[], $8::float8[])
       with ordinality as r (destination, kind, ordering_key, subject, payload, priority, delay_ms, lease_ms, place)
     cross join lateral (select clock_timestamp()) c (at)
     cross join lateral (select at + delay_ms * interval '1 millisecond') d (due)
     order by place
     on conflict (kind, subject) where destination = 'node' and published_at is null do nothing`,
    [
      rows.map(({ destination }) => destination),
      rows.map(({ kind }) => kind),
      rows.map(({ orderingKey }) => orderingKey),
      rows.map(({ subject }) => subject),
      rows.map(({ payload }) => JSON.stringify(payload)),
      rows.map(({ priority = DEFAULT_PRIORITY }) => priority),
      rows.map(({ delayMs = 0 }) => delayMs),
      rows.map(({ leaseMs }) => leaseMs ?? null),
    ],
  );
}

export function eventRow(event: OutboxEvent): OutboxInsert {
  return { destination: 'nats', kind: 'event', ...event };
}

/** Tells a workflow to read its row again; dropped when it has not started or has ended. `reason` is for the reader of its history. */
export function wakeRow(workflowId: string, reason: string): OutboxInsert {
  const names = { orderingKey: workflowId, subject: workflowId };
  return {
    ...{ destination: 'temporal', kind: 'wake', ...names },
    ...{ payload: { reason }, priority: WAKE_PRIORITY },
  };
}

/**
 * A call to the node about the invoice with that payment hash. With `leaseMs` the row is written for whoever makes the call itself,
 * at once after the commit: relays leave it alone for that time.
 */
export function callRow(
  kind: NodeCallKind,
  hash: string,
  times: Pick<OutboxInsert, 'leaseMs' | 'delayMs'> = {},
): OutboxInsert {
  return {
    ...{ destination: 'node', kind, orderingKey: hash, subject: hash },
    ...{ payload: {}, priority: NODE_CALLS[kind].priority, ...times },
  };
}

const KEPT_COLUMNS =
  'id, destination, kind, ordering_key, subject, payload, created_at, available_at, attempts, last_error, lease, priority, due_since, traceparent';

/**
 * Rows that were delivered leave the table for one that is dropped as a whole after its time. `rows`: the name of a CTE that has deleted
 * them from the outbox and returns them with all columns.
 */
export const keepDelivered = (rows: string): string => `
  insert into outbox_delivered (${KEPT_COLUMNS}, published_at)
  select ${KEPT_COLUMNS}, clock_timestamp() from ${rows}`;

const FINISH_CALL = `
  with done as (
    delete from only outbox
    where destination = 'node' and kind = $1 and subject = $2 and published_at is null returning *)
  ${keepDelivered('done')}`;

/** The open row of that call is done, whoever has a lease of it. */
export async function finishCall(
  db: Pick<ClientBase, 'query'>,
  kind: NodeCallKind,
  hash: string,
): Promise<void> {
  await db.query(FINISH_CALL, [kind, hash]);
}

/** Whoever is about to commit makes that call itself, at once: relays leave its open row alone for five seconds. */
export async function leaseCall(tx: ClientBase, kind: NodeCallKind, hash: string): Promise<void> {
  await tx.query(
    `update only outbox set leased_until = clock_timestamp() + interval '5 seconds'
     where destination = 'node' and kind = $1 and subject = $2 and published_at is null`,
    [kind, hash],
  );
}

/** Publishes an event on NATS once the transaction has committed. */
export function enqueueEvent(tx: ClientBase, event: OutboxEvent): Promise<void> {
  return enqueue(tx, [eventRow(event)]);
}

export interface StartOptions {
  /** Gives the request time to create the invoice first, which saves the workflow a task. */
  readonly delayMs?: number;
  /** Default: {@link DEFAULT_PRIORITY}. */
  readonly priority?: number;
}

/** Starts a workflow once the transaction has committed. */
export async function enqueueStart(
  tx: ClientBase,
  start: WorkflowStart,
  options: StartOptions = {},
): Promise<void> {
  await tx.query(INSERT, insertValues(start, options));
}

/** The audit row of a row that was just opened, and the start of its workflow, in one statement. */
export async function enqueueOpening<S extends string, E extends string>(
  tx: ClientBase,
  opening: { readonly machine: Machine<S, E>; readonly subject: string; readonly event: E },
  start: WorkflowStart,
  options: StartOptions = {},
): Promise<void> {
  await tx.query(
    `with audit as (
       insert into transitions (machine, subject, event, to_state) values ($8, $9, $10, $11))
     ${INSERT}`,
    [
      ...insertValues(start, options),
      ...[opening.machine.name, opening.subject, opening.event, openedState(opening)],
    ],
  );
}

function insertValues(
  start: WorkflowStart,
  { delayMs = 0, priority = DEFAULT_PRIORITY }: StartOptions,
): unknown[] {
  const { workflowId } = start;
  return ['temporal', 'start', workflowId, workflowId, payloadOf(start), priority, delayMs];
}

/** Wakes the workflows that run, or replaces their runs, and starts those that do not; one statement for all. */
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
