import type { ClientBase } from 'pg';
import { pipeline } from '../../db/pipeline.js';
import { callNeeded } from '../../domain/actions/decide.js';
import type { AttemptEvent, AttemptState, FailureReason } from '../../domain/actions/machine.js';
import { actionWorkflowId } from '../../domain/names/workflows.js';
import { actionSubject } from '../../domain/names/subjects.js';
import { enqueue, eventRow, type OutboxInsert, wakeRow } from '../outbox.js';
import { type ChangedBy, type Step, transition, transitionAll } from '../transition.js';
import { type ActionSubject, ATTEMPTS, type AttemptRow } from './attempt-row.js';
import type { ActionRef } from './contract.js';

export interface AttemptMove {
  readonly event: AttemptEvent;
  readonly reason?: FailureReason;
  /** Columns set beside the state, as SQL; `param` adds a parameter. */
  readonly set?: (param: (value: unknown) => string) => Readonly<Record<string, string>>;
}

/** Deadline and due time of each state, as SQL, unless a move sets its own. */
const TIMES: Readonly<Partial<Record<AttemptState, Readonly<Record<string, string>>>>> = {
  HELD: {
    performed: 'true',
    deadline_at: `clock_timestamp() + r.settle_seconds * interval '1 second'`,
    due_at: 'clock_timestamp()',
  },
  CANCELLING: { deadline_at: 'null', due_at: 'clock_timestamp()' },
  PAID: { performed: 'true', deadline_at: 'null', due_at: 'null' },
  FAILED: { deadline_at: 'null', due_at: 'null' },
};

/**
 * One guarded transition of an attempt, with its event for NATS. Undefined when its state does not allow it. Its workflow is woken
 * unless the workflow makes the transition.
 */
export async function moveAttempt(
  tx: ClientBase,
  subject: ActionSubject,
  ref: ActionRef,
  move: AttemptMove,
  by: ChangedBy,
): Promise<AttemptRow | undefined> {
  const row = await step(tx, ref, move);
  if (row !== undefined) {
    const wake = by === 'other' && needsWake(row.state_before) ? move.event : undefined;
    await enqueue(tx, following(subject, row, wake));
  }
  return row;
}

/** An attempt whose row is locked, and its action. */
export interface LockedAttempt {
  readonly subject: ActionSubject;
  readonly attempt: AttemptRow;
}

/** {@link moveAttempt} of attempts whose rows are locked, in states which allow it, in one round trip. */
export async function moveLocked(
  tx: ClientBase,
  locked: readonly LockedAttempt[],
  move: AttemptMove,
  by: ChangedBy,
): Promise<void> {
  const { event, reason } = move;
  const { to: state } = ATTEMPTS.machine.transitions[event];
  const keys = locked.map(({ attempt }) => [attempt.action_id, attempt.attempt]);
  const events = locked.flatMap(({ subject, attempt }) =>
    following(
      subject,
      { ...attempt, state, reason: attempt.reason ?? reason ?? null },
      by === 'other' && needsWake(attempt.state) ? event : undefined,
    ),
  );
  const [moved] = await pipeline([
    transitionAll(tx, ATTEMPTS, keys, stepOf(move)),
    enqueue(tx, events),
  ]);
  if (moved.length < locked.length) throw new Error(`no ${event}, though all were locked`);
}

/**
 * A workflow whose state needs a call to the node is making it, and reads the row after it. A wake beside that would reach it while
 * it ends, and make its last task fail.
 */
function needsWake(before: AttemptState): boolean {
  return callNeeded(before, false) === null;
}

type MovedRow = AttemptRow & { readonly state_before: AttemptState };

function step(tx: ClientBase, ref: ActionRef, move: AttemptMove): Promise<MovedRow | undefined> {
  const key = [ref.actionId, ref.attempt];
  return transition<AttemptState, AttemptEvent, MovedRow>(tx, ATTEMPTS, {
    key,
    ...stepOf(move),
  });
}

function stepOf({ event, reason, set }: AttemptMove): Step<AttemptEvent> {
  const { to } = ATTEMPTS.machine.transitions[event];
  return {
    event,
    ...(reason === undefined ? {} : { reason }),
    set: (param) => ({
      changed_at: 'clock_timestamp()',
      lease_until: 'null',
      ...TIMES[to],
      // The first reason is the cause; what follows from it is not.
      ...(reason === undefined ? {} : { reason: `coalesce(r.reason, ${param(reason)})` }),
      ...set?.(param),
    }),
  };
}

function following(
  subject: ActionSubject,
  attempt: AnnouncedAttempt,
  wake: AttemptEvent | undefined,
): OutboxInsert[] {
  const workflowId = actionWorkflowId(subject.id, attempt.attempt);
  const wakes = wake === undefined ? [] : [wakeRow(workflowId, wake)];
  return [...announcement(subject, attempt), ...wakes];
}

/** Publishes a state that others act upon. */
export function announce(
  tx: ClientBase,
  subject: ActionSubject,
  attempt: AnnouncedAttempt,
): Promise<void> {
  return enqueue(tx, announcement(subject, attempt));
}

type AnnouncedAttempt = Pick<AttemptRow, 'attempt' | 'state' | 'reason' | 'flow'>;

function announcement(subject: ActionSubject, attempt: AnnouncedAttempt): OutboxInsert[] {
  if (!ANNOUNCED.has(attempt.state)) return [];
  const event = {
    subject: actionSubject(subject.type, attempt.state),
    orderingKey: `action/${subject.id}`,
    payload: {
      actionId: subject.id,
      type: subject.type,
      attempt: attempt.attempt,
      state: attempt.state,
      flow: attempt.flow,
      actor: subject.actor,
      costMsat: subject.costMsat.toString(),
      ...(attempt.state === 'FAILED' ? { reason: attempt.reason } : {}),
    },
  };
  return [eventRow(event)];
}

const ANNOUNCED: ReadonlySet<string> = new Set(['HELD', 'PAID', 'FAILED']);
