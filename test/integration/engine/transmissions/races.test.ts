import { describe, expect, it } from 'vitest';
import { timeOut } from '../../../../engine/transmissions/advance-order.js';
import { REGION_NUMBERS } from '../../../../domain/transmissions/regions.js';
import {
  cancel,
  confirm,
  eventsOf,
  inTx,
  orderOf,
  passDeadline,
  pay,
  place,
  placeAndPay,
  rowsOf,
  stateOf,
  reportSettled,
  useOrders,
} from './fixture.helper.js';
import { expectInvariants } from './invariants.helper.js';

/** The faults measured on the peer, provoked by as many connections at once. */
describe('orders under concurrent changes', () => {
  const fixture = useOrders();

  const placeMany = async (count: number, bidOf: (n: number) => number = () => 1000) =>
    Promise.all(Array.from({ length: count }, (_, n) => place(fixture, { bid: bidOf(n) })));

  const countIn = async (state: string) => {
    const rows = await rowsOf(fixture, 'select from orders where state = $1', [state]);
    return rows.length;
  };

  it('transmits one of 48 orders that are paid at once, and forgets none (faults 1, 2, 3, 4)', async () => {
    const placed = await placeMany(48, (n) => 1000 + n);
    await Promise.all(placed.map((one) => pay(fixture, one)));
    expect(await countIn('transmitting')).toBe(1);
    expect(await countIn('paid')).toBe(47);
    await expectInvariants(fixture);

    for (let number = 1; number <= 48; number += 1) await confirm(fixture, 'tx', number);
    expect(await countIn('sent')).toBe(48);
    await expectInvariants(fixture);
    const numbers = await rowsOf<{ tx_seq_num: number; bid_msat: bigint }>(
      fixture,
      'select tx_seq_num, bid_msat from orders where tx_seq_num > 1 order by tx_seq_num',
    );
    expect(numbers.map((order) => order.tx_seq_num)).toEqual(
      Array.from({ length: 47 }, (_, n) => n + 2),
    );
    // All but the first, which found the channel free, went by their bids.
    const bids = numbers.map((order) => Number(order.bid_msat));
    expect(bids).toEqual([...bids].sort((a, b) => b - a));
  });

  it('numbers orders of several channels from one counter (fault 2)', async () => {
    const placed = await placeMany(24);
    // Moved to another channel, which transmits one of its own at the same time.
    for (const [n, { order }] of placed.entries()) {
      await fixture.pool.query('update orders set channel = $2 where id = $1', [
        order.id,
        [1, 3, 4, 5][n % 4],
      ]);
    }
    await Promise.all(placed.map((one) => pay(fixture, one)));
    expect(await countIn('transmitting')).toBe(4);
    await expectInvariants(fixture);
    for (let number = 1; number <= 24; number += 4) {
      const batch = [number, number + 1, number + 2, number + 3];
      await Promise.all(batch.map((seq) => confirm(fixture, 'tx', seq)));
    }
    expect(await countIn('sent')).toBe(24);
    await expectInvariants(fixture);
  });

  it('applies one of 8 copies of a settlement (fault 5)', async () => {
    for (let round = 0; round < 5; round += 1) {
      const placed = await place(fixture);
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, () => reportSettled(fixture, placed)),
      );
      expect(outcomes.filter((outcome) => outcome === 'applied')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'known')).toHaveLength(7);
      expect(await orderOf(fixture, placed.order.id)).toMatchObject({ bid_msat: 1000n });
    }
    expect(await eventsOf(fixture)).toHaveLength(1);
    await expectInvariants(fixture);
  });

  it('lets one win when an order is cancelled and paid at once, and keeps the money (fault 6)', async () => {
    const won = { cancelled: 0, started: 0 };
    for (let round = 0; round < 12; round += 1) {
      const placed = await place(fixture);
      const both = [() => pay(fixture, placed), () => cancel(fixture, placed.order.id)];
      if (round % 2 === 1) both.reverse();
      const outcomes = await Promise.all(both.map((act) => act()));
      const cancelled = outcomes.find((outcome) => typeof outcome === 'object');
      const order = await orderOf(fixture, placed.order.id);
      if (cancelled?.outcome === 'cancelled') {
        won.cancelled += 1;
        expect(order).toMatchObject({ state: 'cancelled', tx_seq_num: null, bid_msat: 1000n });
      } else {
        won.started += 1;
        expect(cancelled).toEqual({ outcome: 'too_late', state: 'transmitting' });
        expect(order.state).toBe('transmitting');
        await confirm(fixture, 'tx', order.tx_seq_num ?? 0);
      }
      await expectInvariants(fixture);
    }
    expect(won.cancelled + won.started).toBe(12);
  });

  it('lets one win when an order is cancelled while the channel becomes free for it (fault 6)', async () => {
    for (let round = 0; round < 12; round += 1) {
      const first = await placeAndPay(fixture);
      const second = await placeAndPay(fixture);
      const { tx_seq_num: number } = await orderOf(fixture, first);
      const both = [() => confirm(fixture, 'tx', number ?? 0), () => cancel(fixture, second)];
      if (round % 2 === 1) both.reverse();
      await Promise.all(both.map((act) => act()));
      const order = await orderOf(fixture, second);
      expect(['cancelled', 'transmitting']).toContain(order.state);
      await expectInvariants(fixture);
      if (order.state === 'transmitting') await confirm(fixture, 'tx', order.tx_seq_num ?? 0);
    }
  });

  it('ends a transmission once when its last confirmations arrive together (fault 7)', async () => {
    for (let round = 1; round <= 6; round += 1) {
      const id = await placeAndPay(fixture);
      const number = (await orderOf(fixture, id)).tx_seq_num ?? 0;
      const confirmations = (['tx', 'rx'] as const).flatMap((kind) =>
        REGION_NUMBERS.flatMap((region) => [
          { kind, region },
          { kind, region },
        ]),
      );
      await Promise.all(
        confirmations.map(({ kind, region }) => confirm(fixture, kind, number, [region])),
      );
      expect(await stateOf(fixture, id)).toBe('received');
      const rows = await rowsOf(fixture, 'select from confirmations where order_id = $1', [id]);
      expect(rows).toHaveLength(12);
      await expectInvariants(fixture);
    }
  });

  it('lets one win when an order times out and is confirmed at once', async () => {
    for (let round = 0; round < 8; round += 1) {
      const id = await placeAndPay(fixture);
      const { tx_seq_num: number } = await orderOf(fixture, id);
      await passDeadline(fixture, id);
      await Promise.all([
        inTx(fixture, (tx) => timeOut(tx, id)),
        confirm(fixture, 'tx', number ?? 0),
        inTx(fixture, (tx) => timeOut(tx, id)),
      ]);
      expect(await orderOf(fixture, id)).toMatchObject({ state: 'sent', retry_wanted: false });
      await expectInvariants(fixture);
    }
  });

  it('sends all again in turn, though one with a higher bid is never confirmed (fault 8)', async () => {
    const rich = await placeAndPay(fixture, { bid: 9000 });
    const poor = await placeAndPay(fixture, { bid: 1000 });
    for (let turn = 0; turn < 8; turn += 1) {
      const [current] = await rowsOf<{ id: string }>(
        fixture,
        `select id from orders where state = 'transmitting'`,
      );
      await passDeadline(fixture, current?.id ?? '');
      await inTx(fixture, (tx) => timeOut(tx, current?.id ?? ''));
      await expectInvariants(fixture);
    }
    const attempts = await Promise.all([rich, poor].map((id) => orderOf(fixture, id)));
    expect(attempts.map((order) => order.retry_count)).toEqual([4, 3]);
  });
});
