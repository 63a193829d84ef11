import { proxyLocalActivities } from '@temporalio/workflow';
import type { ItemTimerActivities, ItemTimerInput } from '../activities/item-timer.js';
import type { WorkflowResult } from '../domain/workflow-step.js';
import { ADVANCE, runProcess } from './process-loop.js';

const { advanceItemTimer } = proxyLocalActivities<ItemTimerActivities>(ADVANCE);

/** Deletes an item when the time has come that its text asks for, unless it was changed or deleted meanwhile. */
export async function ephemeralItem(input: ItemTimerInput): Promise<WorkflowResult> {
  return waitAndRun(input);
}

/** Reminds the author of an item when the time has come that its text asks for. */
export async function reminder(input: ItemTimerInput): Promise<WorkflowResult> {
  return waitAndRun(input);
}

function waitAndRun(input: ItemTimerInput): Promise<WorkflowResult> {
  return runProcess<never>({
    advance: () => advanceItemTimer(input),
    call: (name: never) => Promise.reject(new Error(`there is no call ${String(name)}`)),
  });
}
