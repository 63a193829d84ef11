import fc from 'fast-check';
import { expect, it } from 'vitest';
import { advanceOrder, timeOut } from '../../../../engine/transmissions/advance-order.js';
import { closeOrderInvoices } from '../../../../engine/transmissions/call-node.js';
import type { PlacedOrder } from '../../../../engine/transmissions/open-order.js';
import { REGION_NUMBERS } from '../../../../domain/transmissions/regions.js';
import {
  cancel,
  confirm,
  forgetOrders,
  inTx,
  orderOf,
  passDeadline,
  pay,
  place,
  rowsOf,
  reportSettled,
  useOrders,
} from './fixture.helper.js';
import { expectInvariants } from './invariants.helper.js';

const fixture = useOrders();

interface Happening {
  readonly what:
    'place' | 'pay' | 'pay_again' | 'cancel' | 'confirm' | 'time_out' | 'expire' | 'advance';
  /** Which of the orders there are; of a confirmation, which sequence number, taken or not. */
  readonly pick: number;
  readonly kind: 'tx' | 'rx';
  readonly regions: readonly number[];
  readonly bid: number;
}

const happening: fc.Arbitrary<Happening> = fc.record({
  // Weighted so that the channel is busy.
  what: fc.oneof(
    { weight: 4, arbitrary: fc.constant('place' as const) },
    { weight: 5, arbitrary: fc.constant('pay' as const) },
    { weight: 8, arbitrary: fc.constant('confirm' as const) },
    {
      weight: 6,
      arbitrary: fc.constantFrom(
        'pay_again' as const,
        'cancel' as const,
        'time_out' as const,
        'expire' as const,
        'advance' as const,
      ),
    },
  ),
  pick: fc.nat({ max: 7 }),
  kind: fc.constantFrom('tx' as const, 'rx' as const),
  regions: fc.subarray([...REGION_NUMBERS], { minLength: 1 }),
  bid: fc.integer({ min: 1000, max: 3000 }),
});

async function happen(orders: PlacedOrder[], { what, pick, kind, regions, bid }: Happening) {
  if (what === 'place') {
    orders.push(await place(fixture, { bid, regions }));
    return;
  }
  if (what === 'confirm') {
    await confirm(fixture, kind, pick + 1, regions);
    return;
  }
  const placed = orders[pick % Math.max(1, orders.length)];
  if (placed === undefined) return;
  const { id } = placed.order;
  switch (what) {
    case 'pay':
      if (fixture.node.invoices.get(placed.invoice.hash)?.state === 'open')
        await pay(fixture, placed);
      return;
    case 'pay_again':
      if (fixture.node.invoices.get(placed.invoice.hash)?.state === 'settled')
        await reportSettled(fixture, placed);
      return;
    case 'cancel':
      await cancel(fixture, id);
      return;
    case 'time_out':
      if ((await orderOf(fixture, id)).state !== 'pending') await passDeadline(fixture, id);
      await inTx(fixture, (tx) => timeOut(tx, id));
      return;
    case 'expire':
      if ((await orderOf(fixture, id)).state === 'pending') await passDeadline(fixture, id);
      await workflowActs(id);
      return;
    case 'advance':
      await advanceOrder(fixture.engine, { orderId: id });
  }
}

/** As the workflow would: a step, and the call it asks for. */
async function workflowActs(orderId: string): Promise<string> {
  const step = await advanceOrder(fixture.engine, { orderId });
  if (step.call !== 'cancelOrderInvoices') return step.state;
  await closeOrderInvoices(fixture.engine, { orderId });
  return (await advanceOrder(fixture.engine, { orderId })).state;
}

/** Everybody confirms from now on, and time passes. */
async function finish(orders: readonly PlacedOrder[]): Promise<void> {
  for (const { order } of orders) {
    if ((await orderOf(fixture, order.id)).state === 'pending') {
      await passDeadline(fixture, order.id);
      await workflowActs(order.id);
    }
  }
  const started = () =>
    rowsOf<{ tx_seq_num: number }>(
      fixture,
      `select tx_seq_num from orders where state in ('transmitting', 'confirming')`,
    );
  for (let open = await started(); open.length > 0; open = await started()) {
    for (const { tx_seq_num: number } of open) await confirm(fixture, 'tx', number);
  }
}

it('any sequence of happenings keeps one transmission per channel, numbers without gaps, and balanced books', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 10, maxLength: 45 }), async (happenings) => {
      await forgetOrders(fixture);
      const orders: PlacedOrder[] = [];
      for (const one of happenings) {
        await happen(orders, one);
        await expectInvariants(fixture);
      }
      await finish(orders);
      await expectInvariants(fixture);
      const ends = await Promise.all(orders.map(({ order }) => orderOf(fixture, order.id)));
      for (const { state, due_at: due } of ends) {
        expect(['sent', 'received', 'cancelled', 'expired']).toContain(state);
        // What is still due is a cancelled order whose invoice the node has not closed.
        if (due !== null) expect(state).toBe('cancelled');
      }
    }),
    { numRuns: 40 },
  );
}, 120_000);
