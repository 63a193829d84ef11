import type { ClientBase } from 'pg';
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
  const to = ATTEMPTS.machine.transitions[move.event].to;
  const row = await transition<AttemptRow['state'], AttemptEvent, AttemptRow>(tx, ATTEMPTS, {
    key: [ref.actionId, ref.attempt],
    event: move.event,
    ...(move.reason === undefined ? {} : { reason: move.reason }),
    set: (param) => ({
      changed_at: 'clock_timestamp()',
      lease_until: 'null',
      ...TIMES[to],
      // The first reason is the cause; what follows from it is not.
      ...(move.reason === undefined ? {} : { reason: `coalesce(r.reason, ${param(move.reason)})` }),
      ...move.set?.(param),
    }),
  });
  if (row === undefined) return undefined;
  const wakes = by === 'other' ? [wakeRow(actionWorkflowId(ref.actionId, ref.attempt))] : [];
  await enqueue(tx, [...announcement(subject, row), ...wakes]);
  return row;
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
