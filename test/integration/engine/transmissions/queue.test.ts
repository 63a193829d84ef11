import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeOut } from '../../../../engine/transmissions/advance-order.js';
import {
  confirm,
  forgetOrders,
  inTx,
  orderOf,
  passDeadline,
  pay,
  place,
  placeAndPay,
  rowsOf,
  useOrders,
} from './fixture.helper.js';

/** Which order a free channel transmits next: the rule is the SQL of start-next.ts. */
describe('the queue of a channel', () => {
  const fixture = useOrders();

  const transmitting = async (): Promise<string | undefined> => {
    const rows = await rowsOf<{ id: string }>(
      fixture,
      `select id from orders where state = 'transmitting'`,
    );
    return rows[0]?.id;
  };

  it('is a total order: highest bid first, then the older, whatever the sequence of payments', async () => {
    const bids = fc.array(fc.integer({ min: 1000, max: 1004 }), { minLength: 1, maxLength: 8 });
    const paidInSomeOrder = bids.chain((list) =>
      fc.tuple(
        fc.constant(list),
        fc.shuffledSubarray([...list.keys()], { minLength: list.length }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(paidInSomeOrder, async ([list, payments]) => {
        await forgetOrders(fixture);
        const first = await placeAndPay(fixture, { bid: 9000 });
        const placed = [];
        for (const bid of list) placed.push(await place(fixture, { bid }));
        for (const n of payments) {
          const one = placed[n];
          if (one !== undefined) await pay(fixture, one);
        }
        const expected = placed
          .map(({ order }, n) => ({ id: order.id, bid: list[n] ?? 0, n }))
          .sort((a, b) => b.bid - a.bid || a.n - b.n)
          .map(({ id }) => id);
        const seen = [];
        expect(await transmitting()).toBe(first);
        for (let number = 1; number <= list.length; number += 1) {
          await confirm(fixture, 'tx', number);
          seen.push(await transmitting());
        }
        expect(seen).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  });

  it('prefers a first transmission to a retransmission, whatever the bids', async () => {
    const repeated = await placeAndPay(fixture, { bid: 9000 });
    const busy = await placeAndPay(fixture, { bid: 2000 });
    await passDeadline(fixture, repeated);
    await inTx(fixture, (tx) => timeOut(tx, repeated));
    expect(await transmitting()).toBe(busy);
    const low = await placeAndPay(fixture, { bid: 1000 });
    await confirm(fixture, 'tx', 2);
    expect(await transmitting()).toBe(low);
    await confirm(fixture, 'tx', 3);
    expect(await transmitting()).toBe(repeated);
  });

  it('gives every retransmission its turn: none is tried twice more often than another', async () => {
    const bids = fc.array(fc.integer({ min: 1000, max: 5000 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(bids, fc.integer({ min: 6, max: 25 }), async (list, turns) => {
        await forgetOrders(fixture);
        const ids = [];
        for (const bid of list) ids.push(await placeAndPay(fixture, { bid }));
        for (let turn = 0; turn < turns; turn += 1) {
          const current = (await transmitting()) ?? '';
          await passDeadline(fixture, current);
          await inTx(fixture, (tx) => timeOut(tx, current));
        }
        const tries = await Promise.all(
          ids.map(async (id) => (await orderOf(fixture, id)).retry_count),
        );
        expect(Math.max(...tries) - Math.min(...tries)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 15 },
    );
  });

  it('is empty when no order waits', async () => {
    await place(fixture);
    expect(await transmitting()).toBeUndefined();
  });
});
