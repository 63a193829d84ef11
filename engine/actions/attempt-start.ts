import type { ClientBase } from 'pg';
import { attemptMachine, type AttemptState } from '../../domain/actions/machine.js';
import { actionWorkflowId } from '../../domain/names/workflows.js';
import { enqueueOpening, type StartOptions, type WorkflowStart } from '../outbox.js';
import { openedState } from '../transition.js';
import { type Action, describe } from './action.js';
import type { ActionRef } from './contract.js';

/** How the workflow that owns an attempt is started. `actor` is the account's name, null for the anonymous. */
export function attemptStart(
  ref: ActionRef,
  about: { type: string; state: AttemptState; actor: string | null; summary: string },
): WorkflowStart {
  return {
    workflowType: 'paidAction',
    workflowId: actionWorkflowId(ref.actionId, ref.attempt),
    input: { actionId: ref.actionId, attempt: ref.attempt },
    attributes: {
      QType: about.type,
      QState: about.state,
      ...(about.actor === null ? {} : { QActor: about.actor }),
    },
    summary: about.summary,
  };
}

export interface WorkflowOpening {
  readonly event: 'paid_by_balance' | 'opened' | 'opened_wrapping';
  readonly actorName: string | null;
  readonly options: StartOptions;
}

export function enqueueStartOf(
  tx: ClientBase,
  action: Action,
  ref: ActionRef,
  { event, actorName, options }: WorkflowOpening,
): Promise<void> {
  const opening = { machine: attemptMachine, subject: `${ref.actionId}/${ref.attempt}`, event };
  const description = describe(action);
  const start = attemptStart(ref, {
    type: action.type.name,
    state: openedState(opening),
    actor: actorName,
    summary: ref.attempt === 1 ? description : `${description}, attempt ${ref.attempt}`,
  });
  return enqueueOpening(tx, opening, start, options);
}
