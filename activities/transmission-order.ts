import { z } from 'zod';
import { transitionsLink } from '../domain/names/links.js';
import { orderWorkflowId } from '../domain/names/workflows.js';
import { orderMachine } from '../domain/transmissions/machine.js';
import type { OrderCall } from '../domain/transmissions/step.js';
import type { LinkedStep } from '../domain/workflow-step.js';
import type { EngineContext } from '../engine/context.js';
import { advanceOrder } from '../engine/transmissions/advance-order.js';
import { closeOrderInvoices, createOrderInvoices } from '../engine/transmissions/call-node.js';
import { failureOf, parseInput } from './door.js';

const orderInput = z.object({ orderId: z.guid().toLowerCase() });
export type OrderInput = z.output<typeof orderInput>;

/** What `transmissionOrder` runs: `advanceOrder` as a local activity, one for each call to the node. Recorded by name in histories. */
export type TransmissionOrderActivities = Readonly<
  Record<OrderCall, (input: OrderInput) => Promise<void>>
> & {
  /** `workflowId`: of the workflow that asks. */
  advanceOrder(input: OrderInput, workflowId?: string): Promise<LinkedStep<OrderCall>>;
};

/** `apiUrl`: where operators reach the API. */
export function createTransmissionOrderActivities(
  engine: EngineContext,
  apiUrl: string,
): TransmissionOrderActivities {
  return {
    advanceOrder: async (unparsed, workflowId) => {
      const input = parseInput(orderInput, unparsed);
      const wanted = orderWorkflowId(input.orderId);
      if (workflowId !== undefined && workflowId !== wanted) {
        throw failureOf('request.invalid', `the id of this workflow must be ${wanted}`);
      }
      const step = await advanceOrder(engine, input);
      return { ...step, link: transitionsLink(apiUrl, orderMachine.name, input.orderId) };
    },
    createOrderInvoice: (input) => createOrderInvoices(engine, parseInput(orderInput, input)),
    cancelOrderInvoices: (input) => closeOrderInvoices(engine, parseInput(orderInput, input)),
  };
}
