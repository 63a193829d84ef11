/**
 * Calls to the Lightning node and their priorities: 1 goes first. What secures money goes before what asks for it, and closing
 * invoices that nobody has paid comes last.
 */
export const NODE_CALLS = {
  settle_invoice: { priority: 1 },
  send_payment: { priority: 1 },
  create_invoice: { priority: 3 },
  wrap_invoice: { priority: 3 },
  look_up_invoice: { priority: 4 },
  cancel_invoice: { priority: 5 },
} as const;

export type NodeCallKind = keyof typeof NODE_CALLS;

/** Calls of this priority have room of their own: no other call takes it. */
export const SETTLING_PRIORITY = 1;
