import { describe, expect, it } from 'vitest';
import { type OrderStatus, stepForOrder } from '../../../../domain/transmissions/step.js';

const facts: OrderStatus = {
  state: 'pending',
  wanted: 0,
  open: 0,
  leaseUntilMs: null,
  deadlineMs: 10_000,
  dueMs: 10_000,
  nowMs: 1000,
};
const step = (change: Partial<OrderStatus>) => stepForOrder({ ...facts, ...change });

describe('what an order’s owner does next', () => {
  it('leaves the invoice to the edge while its lease lasts, then makes it until the deadline', () => {
    const wanted = { wanted: 1, leaseUntilMs: 5000, dueMs: 5000 };
    expect(step(wanted)).toMatchObject({ call: null, waitUntilMs: 5025 });
    expect(step({ ...wanted, nowMs: 5000 })).toMatchObject({
      call: 'createOrderInvoice',
      waitUntilMs: 10_000,
    });
  });

  it('asks the node at the deadline, whether the invoice was made or not', () => {
    for (const change of [{ wanted: 1 }, { open: 1 }]) {
      expect(step({ ...change, nowMs: 10_000 })).toEqual({
        state: 'pending',
        finished: false,
        call: 'cancelOrderInvoices',
        waitUntilMs: null,
      });
    }
  });

  it('waits for whichever time comes first', () => {
    expect(step({ open: 1 }).waitUntilMs).toBe(10_025);
    expect(step({ state: 'paid', deadlineMs: null, dueMs: 7000 }).waitUntilMs).toBe(7025);
    expect(step({ state: 'transmitting', deadlineMs: 6000, dueMs: 7000 }).waitUntilMs).toBe(6025);
  });

  it.each(['sent', 'received', 'cancelled', 'expired'] as const)(
    'ends with %s, once the node has closed its invoices',
    (state) => {
      const over = { state, deadlineMs: null, dueMs: null };
      expect(step({ ...over, open: 1 })).toMatchObject({
        finished: false,
        call: 'cancelOrderInvoices',
      });
      expect(step(over)).toMatchObject({ finished: true, call: null });
    },
  );
});
