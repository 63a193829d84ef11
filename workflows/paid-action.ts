import { proxyActivities, proxyLocalActivities, workflowInfo } from '@temporalio/workflow';
import type { ActionCall, ActionInput, PaidActionActivities } from '../activities/paid-action.js';
import type { WorkflowResult } from '../domain/workflow-step.js';
import { ADVANCE, runProcess } from './process-loop.js';

const { advanceAction } = proxyLocalActivities<PaidActionActivities>(ADVANCE);

/** Owns one attempt of an action until it is paid or has failed. */
export async function paidAction(input: ActionInput): Promise<WorkflowResult> {
  return runProcess<ActionCall>({
    // Parses the input, which may be anything: it is not read here before that.
    advance: () => advanceAction(input, workflowInfo().workflowId),
    call: (name, options) => {
      const { actionId, attempt } = input;
      return proxyActivities<PaidActionActivities>(options)[name]({ actionId, attempt });
    },
    attributes: () => {
      const { open } = input;
      if (open === undefined) return {};
      return { QType: open.type, ...(typeof open.actor === 'string' && { QActor: open.actor }) };
    },
  });
}
