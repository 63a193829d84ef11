import type { Step } from '../../domain/process.js';
import type { Engine } from '../engine.js';
import { advanceOrder } from './advance-order.js';
import { cancelOrderInvoices } from './cancel-order-invoices.js';
import { createOrderInvoice } from './create-order-invoice.js';

export interface OrderInput {
  readonly orderId: string;
}

/** What the workflow transmissionOrder calls: `advanceOrder` locally, the others as calls to the outside. */
export interface OrderActivities {
  advanceOrder(input: OrderInput): Promise<Step>;
  createOrderInvoice(input: OrderInput): Promise<void>;
  cancelOrderInvoices(input: OrderInput): Promise<void>;
}

export function createOrderActivities(engine: Engine): OrderActivities {
  return {
    advanceOrder: (input) => advanceOrder(engine, input),
    createOrderInvoice: (input) => createOrderInvoice(engine, input),
    cancelOrderInvoices: (input) => cancelOrderInvoices(engine, input),
  };
}
