import type { Step } from '../domain/workflow-step.js';
import type { EngineContext } from '../engine/context.js';
import { advanceOrder } from '../engine/transmissions/advance-order.js';
import { cancelOrderInvoices } from '../engine/transmissions/cancel-order-invoices.js';
import { createOrderInvoice } from '../engine/transmissions/create-order-invoice.js';

export interface OrderInput {
  readonly orderId: string;
}

/** What the workflow transmissionOrder calls: `advanceOrder` locally, the others as calls to the outside. */
export interface OrderActivities {
  advanceOrder(input: OrderInput): Promise<Step>;
  createOrderInvoice(input: OrderInput): Promise<void>;
  cancelOrderInvoices(input: OrderInput): Promise<void>;
}

export function createOrderActivities(engine: EngineContext): OrderActivities {
  return {
    advanceOrder: (input) => advanceOrder(engine, input),
    createOrderInvoice: (input) => createOrderInvoice(engine, input),
    cancelOrderInvoices: (input) => cancelOrderInvoices(engine, input),
  };
}
