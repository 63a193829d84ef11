import type { Step } from '../workflow-step.js';
import { type OrderState, orderNeedsWorkflow } from './machine.js';

/** What an order's row says about its owner's next step; times in epoch milliseconds, all by one clock. */
export interface OrderStatus {
  readonly state: OrderState;
  /** Its invoices that the node has still to make. */
  readonly wanted: number;
  /** Its invoices that may still be paid. */
  readonly open: number;
  readonly leaseUntilMs: number | null;
  readonly deadlineMs: number | null;
  readonly dueMs: number | null;
  readonly nowMs: number;
}

export type OrderCall = 'createOrderInvoice' | 'cancelOrderInvoices';

/** Timestamps have microseconds and clocks differ: looked at a little late, a deadline has passed. */
const SLACK_MS = 25;

/** What comes after the guarded steps have been done. */
export function stepForOrder(order: OrderStatus): Step {
  const { state } = order;
  if (!orderNeedsWorkflow(state)) {
    return order.wanted + order.open === 0
      ? { state, finished: true, call: null, waitUntilMs: null }
      : call(state, 'cancelOrderInvoices', null);
  }
  const { nowMs, deadlineMs, leaseUntilMs } = order;
  if (state === 'pending' && deadlineMs !== null) {
    // The node's word decides whether it expired or was paid in time.
    if (deadlineMs <= nowMs) return call(state, 'cancelOrderInvoices', null);
    if (order.wanted > 0 && (leaseUntilMs ?? 0) <= nowMs)
      return call(state, 'createOrderInvoice', deadlineMs);
    if (order.wanted > 0 && leaseUntilMs !== null)
      return wait(state, Math.min(leaseUntilMs, deadlineMs));
  }
  return wait(state, Math.min(deadlineMs ?? Infinity, order.dueMs ?? Infinity));
}

function call(state: OrderState, name: OrderCall, untilMs: number | null): Step {
  return { state, finished: false, call: name, waitUntilMs: untilMs };
}

function wait(state: OrderState, untilMs: number): Step {
  return { state, finished: false, call: null, waitUntilMs: untilMs + SLACK_MS };
}
