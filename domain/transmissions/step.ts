import type { Step, Story } from '../workflow-step.js';
import { type OrderState, orderNeedsWorkflow } from './machine.js';
import { bitsToRegions, type RegionBits } from './regions.js';

/** What an order's row says about the next step of its workflow; times in epoch milliseconds, all by one clock. */
export interface OrderStatus {
  readonly state: OrderState;
  /** Why it ended; null before. */
  readonly reason: string | null;
  /** Its invoices that the node has still to create. */
  readonly pending: number;
  /** Its invoices that may still be paid. */
  readonly open: number;
  /** The ordered regions that have not confirmed sending. */
  readonly missing: RegionBits;
  /** Whether it waits to be sent again. */
  readonly retryWanted: boolean;
  readonly bidMsat: bigint;
  readonly deadlineMs: number | null;
  readonly dueMs: number | null;
  readonly nowMs: number;
}

export type OrderCall = 'createOrderInvoice' | 'cancelOrderInvoices';

/** Timestamps have microseconds and clocks differ: a deadline that is looked at a little late has passed. */
const SLACK_MS = 25;

/** What comes after the guarded steps have been done. */
export function stepForOrder(order: OrderStatus): Step<OrderCall> {
  const { state, nowMs, deadlineMs, dueMs } = order;
  const isDue = dueMs === null || dueMs <= nowMs;
  if (!orderNeedsWorkflow(state)) {
    return order.pending + order.open === 0
      ? step(order, { finished: true })
      : step(order, isDue ? { call: 'cancelOrderInvoices' } : { waitMs: msUntil(order, dueMs) });
  }
  if (state === 'pending' && deadlineMs !== null) {
    // The node decides whether it expired or was paid in time.
    if (deadlineMs <= nowMs) return step(order, { call: 'cancelOrderInvoices' });
    if (order.pending > 0 && isDue)
      return step(order, { call: 'createOrderInvoice', waitMs: msUntil(order, deadlineMs) });
  }
  return step(order, { waitMs: msUntil(order, deadlineMs, dueMs) });
}

/** Until the first of some times; null where there is none. */
function msUntil({ nowMs }: OrderStatus, ...times: readonly (number | null)[]): number | null {
  const first = Math.min(...times.map((time) => time ?? Infinity));
  return first === Infinity ? null : Math.max(0, first - nowMs) + SLACK_MS;
}

function step(order: OrderStatus, next: Partial<Step<OrderCall>>): Step<OrderCall> {
  const { state, reason } = order;
  const closes = !orderNeedsWorkflow(state) && order.pending + order.open > 0;
  const story = storyOf(order, closes || next.call === 'cancelOrderInvoices');
  return {
    ...{ state, reason, finished: false, call: null, waitMs: null, story },
    ...next,
  };
}

function storyOf(order: OrderStatus, isCanceling: boolean): Story {
  const { bidMsat, deadlineMs } = order;
  return {
    awaits: isCanceling ? 'its invoices are canceled, or found paid' : awaitsOf(order),
    amountMsat: bidMsat.toString(),
    deadline: deadlineMs === null ? null : new Date(deadlineMs).toISOString(),
  };
}

function awaitsOf({ state, pending, missing, retryWanted }: OrderStatus): string {
  if (!orderNeedsWorkflow(state)) return 'nothing';
  switch (state) {
    case 'pending':
      return pending > 0 ? 'its invoice is created' : 'payment, until its invoice expires';
    case 'paid':
      return 'the channel is free';
    default:
      return retryWanted
        ? `the channel is free, to send again to ${regionsText(missing)}`
        : `confirmations of ${regionsText(missing)}`;
  }
}

/** Like `regions 1 and 3`. */
function regionsText(bits: RegionBits): string {
  const numbers = bitsToRegions(bits);
  const last = numbers.at(-1);
  if (last === undefined) return 'no region';
  if (numbers.length === 1) return `region ${last}`;
  return `regions ${numbers.slice(0, -1).join(', ')} and ${last}`;
}
