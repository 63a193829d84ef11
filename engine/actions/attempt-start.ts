import type { AttemptState } from '../../domain/actions/machine.js';
import { actionWorkflowId } from '../../domain/names/workflows.js';
import type { WorkflowStart } from '../outbox.js';
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
