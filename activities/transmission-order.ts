import { transitionsLink } from '../domain/names/links.js';
import { orderMachine } from '../domain/transmissions/machine.js';
import type { OrderCall } from '../domain/transmissions/step.js';
import type { LinkedStep } from '../domain/workflow-step.js';
import type { EngineContext } from '../engine/context.js';
import { advanceOrder } from '../engine/transmissions/advance-order.js';
import { closeOrderInvoices, createOrderInvoices } from '../engine/transmissions/call-node.js';

export interface OrderInput {
  readonly orderId: string;
}

/** What `transmissionOrder` runs: `advanceOrder` as a local activity, one for each call to the node. Recorded by name in histories. */
export type TransmissionOrderActivities = Readonly<
  Record<OrderCall, (input: OrderInput) => Promise<void>>
> & {
  advanceOrder(input: OrderInput): Promise<LinkedStep<OrderCall>>;
};

/** `apiUrl`: where operators reach the API. */
export function createTransmissionOrderActivities(
  engine: EngineContext,
  apiUrl: string,
): TransmissionOrderActivities {
  return {
    advanceOrder: async (input) => {
      const step = await advanceOrder(engine, input);
      return { ...step, link: transitionsLink(apiUrl, orderMachine.name, input.orderId) };
    },
    createOrderInvoice: (input) => createOrderInvoices(engine, input),
    cancelOrderInvoices: (input) => closeOrderInvoices(engine, input),
  };
}
