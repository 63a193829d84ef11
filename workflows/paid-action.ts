import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { ActionActivities, ActionInput } from '../activities/paid-action.js';
import { LOCAL, outside } from './activity-options.js';
import { runProcess } from './process-loop.js';

const { advanceAction } = proxyLocalActivities<ActionActivities>(LOCAL);

/** Owns one attempt of an action until it is paid or has failed. Returns the final state. */
export async function paidAction(input: ActionInput): Promise<string> {
  return runProcess({
    // Looks at the input first, which may be anything: it is not read here before that.
    advance: () => advanceAction(input),
    call: (name, withinMs) => {
      const { actionId, attempt } = input;
      return callNode(name, { actionId, attempt }, withinMs);
    },
  });
}

function callNode(
  name: string,
  ref: { actionId: string; attempt: number },
  withinMs: number | null,
): Promise<void> {
  const node = proxyActivities<ActionActivities>(outside(withinMs));
  switch (name) {
    case 'createInvoice':
      return node.createInvoice(ref);
    case 'settleInvoice':
      return node.settleInvoice(ref);
    case 'cancelInvoice':
      return node.cancelInvoice(ref);
    default:
      throw new Error(`no such call: ${name}`);
  }
}
