import { describe, expect, it } from 'vitest';
import { type OrderStatus, stepForOrder } from '../../../../domain/transmissions/step.js';

const status: OrderStatus = {
  state: 'pending',
  reason: null,
  pending: 0,
  open: 0,
  missing: 0b001010,
  retryWanted: false,
  bidMsat: 1000n,
  deadlineMs: 10_000,
  dueMs: 10_000,
  nowMs: 1000,
};
const step = (change: Partial<OrderStatus>) => stepForOrder({ ...status, ...change });

describe('what the workflow of an order does next', () => {
  it('leaves the invoice to the request and the relay, until that has waited too long; then creates it until the deadline', () => {
    const pending = { pending: 1, dueMs: 5000 };
    expect(step(pending)).toMatchObject({ call: null, waitMs: 4025 });
    expect(step({ ...pending, nowMs: 5000 })).toMatchObject({
      call: 'createOrderInvoice',
      waitMs: 5025,
    });
  });

  it('asks the node at the deadline, whether the invoice was created or not', () => {
    for (const change of [{ pending: 1 }, { open: 1 }]) {
      expect(step({ ...change, nowMs: 10_000 })).toEqual({
        state: 'pending',
        finished: false,
        reason: null,
        call: 'cancelOrderInvoices',
        waitMs: null,
        story: {
          awaits: expect.stringMatching(/invoice/) as string,
          amountMsat: '1000',
          deadline: '1970-01-01T00:00:10.000Z',
        },
      });
    }
  });

  it('waits for whichever time comes first', () => {
    expect(step({ open: 1 }).waitMs).toBe(9025);
    expect(step({ state: 'paid', deadlineMs: null, dueMs: 7000 }).waitMs).toBe(6025);
    expect(step({ state: 'transmitting', deadlineMs: 6000, dueMs: 7000 }).waitMs).toBe(5025);
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

  it.each([
    [{ state: 'pending', open: 1 }, 'payment, until its invoice expires'],
    [{ state: 'pending', pending: 1 }, 'its invoice is created'],
    [{ state: 'paid' }, 'the channel is free'],
    [{ state: 'transmitting' }, 'confirmations of regions 1 and 3'],
    [{ state: 'confirming', missing: 0b100000 }, 'confirmations of region 5'],
    [{ state: 'confirming', missing: 0b111 }, 'confirmations of regions 0, 1 and 2'],
    [
      { state: 'confirming', retryWanted: true },
      'the channel is free, to send again to regions 1 and 3',
    ],
    [{ state: 'expired', open: 1 }, 'its invoices are canceled, or found paid'],
    [{ state: 'pending', open: 1, nowMs: 10_000 }, 'its invoices are canceled, or found paid'],
    [{ state: 'sent' }, 'nothing'],
  ] as const)('says what %j awaits', (change, awaits) => {
    expect(step(change).story.awaits).toBe(awaits);
  });
});
