import type { ClientBase } from 'pg';
import { together } from '../../db/together.js';
import type { AttemptEvent, FailureReason } from '../../domain/actions/machine.js';
import { actionWorkflowId } from '../../domain/names/workflows.js';
import { actionSubject } from '../../domain/names/subjects.js';
import { enqueue, eventRow, type OutboxInsert, wakeRow } from '../outbox.js';
import { transition } from '../transition.js';
import { type ActionSubject, ATTEMPTS, type AttemptRow } from './attempt-row.js';
import type { ActionRef } from './contract.js';

export interface AttemptMove {
  readonly event: AttemptEvent;
  readonly reason?: FailureReason;
  /** Columns set beside the state, as SQL; `param` adds a parameter. */
  readonly set?: (param: (value: unknown) => string) => Readonly<Record<string, string>>;
}

/** Deadline and due time of each state, as SQL, unless a move sets its own. */
const TIMES: Readonly<Partial<Record<AttemptRow['state'], Readonly<Record<string, string>>>>> = {
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
 * One guarded step of an attempt, with its event for NATS. Undefined when somebody was first.
 * Its owner is woken unless it is the one who steps.
 */
export async function moveAttempt(
  tx: ClientBase,
  subject: ActionSubject,
  ref: ActionRef,
  move: AttemptMove,
  by: 'owner' | 'other',
): Promise<AttemptRow | undefined> {
  const row = await step(tx, ref, move);
  if (row !== undefined) await enqueue(tx, following(subject, row, by));
  return row;
}

/** The same for an attempt that is locked, in a state which allows it: nothing needs to be waited for. */
export async function moveLocked(
  tx: ClientBase,
  subject: ActionSubject,
  attempt: AttemptRow,
  move: AttemptMove,
  by: 'owner' | 'other',
): Promise<void> {
  const ref = { actionId: attempt.action_id, attempt: attempt.attempt };
  const { to: state } = ATTEMPTS.machine.transitions[move.event];
  const reason = attempt.reason ?? move.reason ?? null;
  const [row] = await together([
    step(tx, ref, move),
    enqueue(tx, following(subject, { ...attempt, state, reason }, by)),
  ]);
  if (row === undefined) {
    throw new Error(`${move.event} from ${attempt.state}, though it is locked`);
  }
}

function step(
  tx: ClientBase,
  ref: ActionRef,
  { event, reason, set }: AttemptMove,
): Promise<AttemptRow | undefined> {
  const { to } = ATTEMPTS.machine.transitions[event];
  return transition<AttemptRow['state'], AttemptEvent, AttemptRow>(tx, ATTEMPTS, {
    key: [ref.actionId, ref.attempt],
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
  });
}

function following(
  subject: ActionSubject,
  attempt: AnnouncedAttempt,
  by: 'owner' | 'other',
): OutboxInsert[] {
  const wakes = by === 'other' ? [wakeRow(actionWorkflowId(subject.id, attempt.attempt))] : [];
  return [...announcement(subject, attempt), ...wakes];
}

/** Tells NATS of a state that others act upon. */
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
