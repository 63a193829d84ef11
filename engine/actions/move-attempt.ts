import type { ClientBase } from 'pg';
import { pipeline } from '../../db/pipeline.js';
import {
  type AttemptEvent,
  attemptMachine,
  type AttemptState,
} from '../../domain/actions/machine.js';
import type { NodeCallKind } from '../../domain/invoices/node-calls.js';
import type { StateRule } from '../../domain/machine.js';
import { actionSubject } from '../../domain/names/subjects.js';
import { actionWorkflowId } from '../../domain/names/workflows.js';
import { CALL_OVERDUE_SECONDS } from '../../domain/overdue.js';
import { requestCalls } from '../invoices/request-calls.js';
import { enqueue, eventRow, type OutboxInsert, wakeRow } from '../outbox.js';
import { type ChangedBy, type Step, transition, transitionAll } from '../transition.js';
import type { Action } from './action.js';
import { ATTEMPTS, type AttemptRow } from './attempt-row.js';
import type { ActionRef } from './contract.js';

export interface AttemptMove {
  readonly event: AttemptEvent;
  /** For its author. Default: that of the machine. */
  readonly reason?: string;
  /** For operators, in the audit row. */
  readonly detail?: string;
  /** Columns set beside the state, as SQL; `param` adds a parameter. */
  readonly set?: (param: (value: unknown) => string) => Readonly<Record<string, string>>;
}

/** A state's rules, whatever they are. */
export function rulesOf(state: AttemptState): StateRule<AttemptEvent, NodeCallKind, string> {
  return attemptMachine.states[state];
}

/**
 * One guarded transition of an attempt, with the outside call that its new state needs and its event for NATS. Undefined when its state
 * does not allow it. Its workflow is woken where it has something to do, unless it makes the transition.
 */
export async function moveAttempt(
  tx: ClientBase,
  action: Action,
  ref: ActionRef,
  move: AttemptMove,
  by: ChangedBy,
): Promise<AttemptRow | undefined> {
  const row = await transition<AttemptState, AttemptEvent, AttemptRow>(tx, ATTEMPTS, {
    key: [ref.actionId, ref.attempt],
    ...stepOf(move),
  });
  if (row !== undefined) await follow(tx, [{ action, attempt: row }], row.state, by, move.event);
  return row;
}

/** An attempt whose row is locked, and its action. */
export interface LockedAttempt {
  readonly action: Action;
  readonly attempt: AttemptRow;
}

/** {@link moveAttempt} of attempts whose rows are locked, in states which allow it, in one round trip. */
export async function moveLocked(
  tx: ClientBase,
  locked: readonly LockedAttempt[],
  move: AttemptMove,
  by: ChangedBy,
): Promise<void> {
  const { event } = move;
  const { to: state } = attemptMachine.transitions[event];
  const keys = locked.map(({ attempt }) => [attempt.action_id, attempt.attempt]);
  const reason = reasonOf(move) ?? null;
  const after = locked.map(({ action, attempt }) => ({
    action,
    attempt: { ...attempt, state, reason: attempt.reason ?? reason },
  }));
  const [moved] = await pipeline([
    transitionAll(tx, ATTEMPTS, keys, stepOf(move)),
    follow(tx, after, state, by, event),
  ]);
  if (moved.length < locked.length) throw new Error(`no ${event}, though all were locked`);
}

function reasonOf({ event, reason }: AttemptMove): string | undefined {
  const { reason: usual }: { readonly reason?: string } = attemptMachine.transitions[event];
  return reason ?? usual;
}

function stepOf(move: AttemptMove): Step<AttemptEvent> {
  const { event, detail, set } = move;
  const { to } = attemptMachine.transitions[event];
  const reason = reasonOf(move);
  const audited = detail === undefined ? reason : `${reason ?? event}: ${detail}`;
  return {
    event,
    ...(audited === undefined ? {} : { reason: audited }),
    set: (param) => ({
      changed_at: 'clock_timestamp()',
      ...timesOf(to),
      ...(to === 'HELD' || to === 'PAID' ? { performed: 'true' } : {}),
      // The first reason is the cause; what follows from it is not.
      ...(reason === undefined ? {} : { reason: `coalesce(r.reason, ${param(reason)})` }),
      ...set?.(param),
    }),
  };
}

/** Deadline and due time of a state, as SQL. One with a deadline gets it from the move. */
function timesOf(state: AttemptState): Readonly<Record<string, string>> {
  const { terminal, atDeadline } = rulesOf(state);
  if (terminal === true) return { deadline_at: 'null', due_at: 'null', origin: 'null' };
  if (atDeadline !== undefined) return {};
  const dueAt = `clock_timestamp() + interval '${CALL_OVERDUE_SECONDS} seconds'`;
  return { deadline_at: 'null', due_at: dueAt };
}

async function follow(
  tx: ClientBase,
  moved: readonly LockedAttempt[],
  state: AttemptState,
  by: ChangedBy,
  event: AttemptEvent,
): Promise<void> {
  const { call, terminal } = rulesOf(state);
  const wakes = by === 'other' && terminal === true;
  const rows = moved.flatMap(({ action, attempt }) => [
    ...announcement(action, attempt),
    ...(wakes ? [wakeRow(actionWorkflowId(action.id, attempt.attempt), event)] : []),
  ]);
  const refs = moved.map(({ attempt }) => ({
    actionId: attempt.action_id,
    attempt: attempt.attempt,
  }));
  await pipeline([
    enqueue(tx, rows),
    call === undefined ? Promise.resolve() : requestCalls(tx, call, refs),
  ]);
}

/** Publishes a state that others act upon. */
export function announce(tx: ClientBase, action: Action, attempt: AnnouncedAttempt): Promise<void> {
  return enqueue(tx, announcement(action, attempt));
}

type AnnouncedAttempt = Pick<AttemptRow, 'attempt' | 'state' | 'reason' | 'flow'> &
  Partial<Pick<AttemptRow, 'payee' | 'payee_msat'>>;

function announcement(action: Action, attempt: AnnouncedAttempt): OutboxInsert[] {
  if (rulesOf(attempt.state).announced !== true) return [];
  const { name } = action.type;
  const { payee = null, payee_msat: payeeMsat = null } = attempt;
  const event = {
    subject: actionSubject(name, attempt.state),
    orderingKey: `action/${action.id}`,
    payload: {
      actionId: action.id,
      type: name,
      attempt: attempt.attempt,
      state: attempt.state,
      flow: attempt.flow,
      actor: action.actor,
      costMsat: action.costMsat.toString(),
      // Paid to a wallet where the flow is `wrapped`, else in credits.
      ...(payee === null ? {} : { payee, payeeMsat: payeeMsat?.toString() }),
      ...(attempt.state === 'FAILED' ? { reason: attempt.reason } : {}),
    },
  };
  return [eventRow(event)];
}
