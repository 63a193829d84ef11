import { proxyLocalActivities, workflowInfo } from '@temporalio/workflow';
import type { ItemTimerActivities, ItemTimerInput } from '../activities/item-timer.js';
import type { TextCommand } from '../domain/items/text-commands.js';
import type { WorkflowResult } from '../domain/workflow-step.js';
import { ADVANCE, runProcess } from './process-loop.js';

const { advanceItemTimer } = proxyLocalActivities<ItemTimerActivities>(ADVANCE);

/** Deletes an item when the time has come that its text asks for, unless it was changed or deleted meanwhile. */
export async function ephemeralItem(input: ItemTimerInput): Promise<WorkflowResult> {
  return waitAndRun('DELETE', input);
}

/** Reminds the author of an item when the time has come that its text asks for. */
export async function reminder(input: ItemTimerInput): Promise<WorkflowResult> {
  return waitAndRun('REMIND', input);
}

function waitAndRun(kind: TextCommand, input: ItemTimerInput): Promise<WorkflowResult> {
  const { workflowId } = workflowInfo();
  return runProcess<never>({
    advance: () => advanceItemTimer(input, { kind, workflowId }),
    call: (name: never) => Promise.reject(new Error(`there is no call ${String(name)}`)),
  });
}
