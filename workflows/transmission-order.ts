import {
  continueAsNew,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { OrderInput, TransmissionOrderActivities } from '../activities/transmission-order.js';
import type { OrderCall } from '../domain/transmissions/step.js';
import type { WorkflowResult } from '../domain/workflow-step.js';
import { ADVANCE, runProcess } from './process-loop.js';

const { advanceOrder } = proxyLocalActivities<TransmissionOrderActivities>(ADVANCE);

/** Owns an order until it is sent, or ends unsent and its invoices are closed. Another service may start it: it opens the order then. */
export async function transmissionOrder(input: OrderInput): Promise<WorkflowResult> {
  return runProcess<OrderCall>({
    advance: async () => {
      // An order may wait for the channel, or for a region, for any length of time.
      if (workflowInfo().continueAsNewSuggested)
        await continueAsNew<typeof transmissionOrder>(input);
      return advanceOrder(input, workflowInfo().workflowId);
    },
    call: (name, options) => {
      const { orderId } = input;
      return proxyActivities<TransmissionOrderActivities>(options)[name]({ orderId });
    },
  });
}
