import {
  continueAsNew,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { OrderActivities, OrderInput } from '../activities/transmission-order.js';
import { LOCAL, outside } from './activity-options.js';
import { runProcess } from './process-loop.js';

const { advanceOrder } = proxyLocalActivities<Pick<OrderActivities, 'advanceOrder'>>(LOCAL);

/** Owns an order until it is sent, or ends unsent and the node has closed its invoices. Returns its last state. */
export async function transmissionOrder(input: OrderInput): Promise<string> {
  return runProcess({
    advance: async () => {
      // An order may wait for the line, or for a region, as long as it takes.
      if (workflowInfo().continueAsNewSuggested)
        await continueAsNew<typeof transmissionOrder>(input);
      return advanceOrder(input);
    },
    call: (name, withinMs) => {
      const calls = proxyActivities<Omit<OrderActivities, 'advanceOrder'>>(outside(withinMs));
      switch (name) {
        case 'createOrderInvoice':
          return calls.createOrderInvoice(input);
        case 'cancelOrderInvoices':
          return calls.cancelOrderInvoices(input);
        default:
          throw new Error(`an order makes no call named ${name}`);
      }
    },
  });
}
