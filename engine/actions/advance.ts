import type { ClientBase } from 'pg';
import { type AttemptEvent, attemptMachine } from '../../domain/actions/machine.js';
import type { NodeCallKind } from '../../domain/invoices/node-calls.js';
import { isTerminal } from '../../domain/machine.js';
import type { Step } from '../../domain/workflow-step.js';
import { type EngineContext, transact } from '../context.js';
import type { AttemptRow } from './attempt-row.js';
import type { ActionRef } from './contract.js';
import { failCreation } from './give-up.js';
import { rulesOf } from './move-attempt.js';
import { endWrappingIn } from './wrapped/end-wrapping.js';

interface DueRow extends AttemptRow {
  readonly sweeps: number;
  readonly deadline_over: boolean;
  /** Milliseconds until it is due, by the database's clock; not above 0 when it is. */
  readonly due_ms: number | null;
  readonly deadline_ms: number | null;
}

/** A deadline that is looked at a little late has passed: timestamps have microseconds. */
const SLACK_MS = 25;

/** Does the guarded step that is due and says what comes next. Undefined when there is no such attempt. */
export async function advanceAttempt(
  engine: EngineContext,
  ref: ActionRef,
): Promise<Step<NodeCallKind> | undefined> {
  const row = await readDue(engine.pool, ref);
  if (row === undefined) return undefined;
  const event = row.deadline_over ? eventAtDeadline(row) : undefined;
  if (event === undefined) return attended(engine, row);
  await transact(engine, (tx) => passDeadline(engine, tx, ref, event));
  const after = await readDue(engine.pool, ref);
  return after === undefined ? undefined : stepOf(after);
}

/** A workflow that makes the call that is due attends to its row, for however long: the sweep counts anew. */
async function attended(engine: EngineContext, row: DueRow): Promise<Step<NodeCallKind>> {
  const step = stepOf(row);
  if (step.call !== null && row.sweeps > 0) {
    await engine.pool.query(
      'update attempts set sweeps = 0 where action_id = $1 and attempt = $2',
      [row.action_id, row.attempt],
    );
  }
  return step;
}

async function readDue(db: Pick<ClientBase, 'query'>, ref: ActionRef): Promise<DueRow | undefined> {
  const { rows } = await db.query<DueRow>(
    `select *, coalesce(deadline_at <= clock_timestamp(), false) as deadline_over,
       (extract(epoch from due_at - clock_timestamp()) * 1000)::float8 as due_ms,
       (extract(epoch from deadline_at - clock_timestamp()) * 1000)::float8 as deadline_ms
     from attempts where action_id = $1 and attempt = $2`,
    [ref.actionId, ref.attempt],
  );
  return rows[0];
}

function eventAtDeadline({ state }: DueRow): AttemptEvent | undefined {
  const { atDeadline } = rulesOf(state);
  return atDeadline !== undefined && 'event' in atDeadline ? atDeadline.event : undefined;
}

function stepOf(row: DueRow): Step<NodeCallKind> {
  const { awaits, atDeadline } = rulesOf(row.state);
  const call = callOf(row);
  const asksAtDeadline = call !== null && atDeadline !== undefined && 'call' in atDeadline;
  return {
    state: row.state,
    // The row of a late payment keeps the reason for which it was being cancelled.
    reason: row.state === 'PAID' ? null : row.reason,
    finished: isTerminal(attemptMachine, row.state),
    call,
    waitMs: waitOf(row, call),
    story: {
      awaits: asksAtDeadline ? atDeadline.awaits : awaits,
      amountMsat: row.cost_msat.toString(),
      deadline: row.deadline_at?.toISOString() ?? null,
    },
  };
}

/** A call is tried until an event ends the state; without one, for as long as it takes. */
function waitOf(row: DueRow, call: NodeCallKind | null): number | null {
  const endsBySelf = call === null || eventAtDeadline(row) !== undefined;
  const untilMs = call === null ? row.due_ms : row.deadline_ms;
  return untilMs === null || !endsBySelf ? null : Math.max(0, Math.ceil(untilMs)) + SLACK_MS;
}

/** The relay makes the calls that a state needs; one that has waited too long is the workflow's. */
function callOf(row: DueRow): NodeCallKind | null {
  const { atDeadline, call } = rulesOf(row.state);
  if (row.due_ms === null || row.due_ms > 0) return null;
  if (atDeadline !== undefined && 'call' in atDeadline) return atDeadline.call;
  return call ?? null;
}

/** The guard decides: if an invoice update came before the deadline, nothing happens. */
async function passDeadline(
  engine: EngineContext,
  tx: ClientBase,
  ref: ActionRef,
  event: AttemptEvent,
): Promise<void> {
  const { rowCount } = await tx.query(
    'select from attempts where action_id = $1 and attempt = $2 and deadline_at <= clock_timestamp()',
    [ref.actionId, ref.attempt],
  );
  if (rowCount === 0) return;
  if (event === 'wrapping_failed') {
    await endWrappingIn(engine, tx, ref, 'workflow');
    return;
  }
  if (event !== 'creation_failed') throw new Error(`nothing follows ${event}`);
  await failCreation(engine, tx, ref, 'workflow', 'not created in time');
}
