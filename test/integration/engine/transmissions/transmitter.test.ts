import { describe, expect, it } from 'vitest';
import { timeOut } from '../../../../engine/transmissions/advance-order.js';
import { REGION_NUMBERS } from '../../../../domain/transmissions/regions.js';
import {
  confirm,
  eventsOf,
  inTx,
  orderOf,
  passDeadline,
  pay,
  place,
  placeAndPay,
  startNextOf,
  stateOf,
  useOrders,
} from './fixture.helper.js';

/** The scenarios of the peer's test_transmitter.py, on our functions: where it changes a time, we let a deadline pass. */
describe('the transmitter', () => {
  const fixture = useOrders();

  const txStart = () => startNextOf(fixture, 1);
  const passTimeout = async (id: string) => {
    await passDeadline(fixture, id);
    return inTx(fixture, (tx) => timeOut(tx, id));
  };
  const lastEvent = async () => (await eventsOf(fixture)).at(-1);

  it('starts a transmission upon payment and leaves the unpaid alone (test_tx_start)', async () => {
    const first = await place(fixture);
    const second = await place(fixture);
    await pay(fixture, first);

    expect(await lastEvent()).toMatchObject({
      subject: 'transmissions.1.started',
      payload: { uuid: first.order.id, status: 'transmitting', tx_seq_num: 1, attempt: 1 },
    });
    expect(await orderOf(fixture, first.order.id)).toMatchObject({
      state: 'transmitting',
      tx_seq_num: 1,
      bid_msat: 1000n,
      unpaid_bid_msat: 0n,
    });
    expect(await orderOf(fixture, second.order.id)).toMatchObject({
      state: 'pending',
      tx_seq_num: null,
      unpaid_bid_msat: 1000n,
    });

    expect(await txStart()).toBeUndefined();
    expect(await orderOf(fixture, second.order.id)).toMatchObject({
      state: 'pending',
      tx_seq_num: null,
    });
  });

  it('starts the next one when a transmission ends (test_tx_end)', async () => {
    const first = await placeAndPay(fixture, { bid: 2000 });
    const second = await placeAndPay(fixture, { bid: 1000 });
    expect(await stateOf(fixture, first)).toBe('transmitting');
    expect(await orderOf(fixture, second)).toMatchObject({ state: 'paid', tx_seq_num: null });

    await confirm(fixture, 'tx', 1);
    expect(await orderOf(fixture, first)).toMatchObject({
      state: 'sent',
      ended_at: expect.any(Date) as Date,
    });
    expect(await orderOf(fixture, second)).toMatchObject({ state: 'transmitting', tx_seq_num: 2 });
  });

  it('gives sequence numbers one after the other (test_assign_tx_seq_num)', async () => {
    const ids = [];
    for (let n = 1; n <= 3; n += 1) {
      ids.push(await placeAndPay(fixture));
      await confirm(fixture, 'tx', n);
    }
    const numbers = await Promise.all(ids.map((id) => orderOf(fixture, id)));
    expect(numbers.map((order) => order.tx_seq_num)).toEqual([1, 2, 3]);
  });

  it('lets a transmission left over time out, then the highest bidder go (test_startup_sequence)', async () => {
    // The counter knows the leftover, as it would; the peer's test has one without a number.
    const leftover = await placeAndPay(fixture);
    const low = await placeAndPay(fixture, { bid: 1000 });
    const high = await placeAndPay(fixture, { bid: 2000 });

    expect(await txStart()).toBeUndefined();
    expect(await inTx(fixture, (tx) => timeOut(tx, leftover))).toBe(false);
    expect(await stateOf(fixture, low)).toBe('paid');
    expect(await stateOf(fixture, high)).toBe('paid');

    expect(await passTimeout(leftover)).toBe(true);
    expect(await stateOf(fixture, leftover)).toBe('confirming');
    expect(await stateOf(fixture, low)).toBe('paid');
    expect(await stateOf(fixture, high)).toBe('transmitting');

    await confirm(fixture, 'tx', 2);
    expect(await orderOf(fixture, low)).toMatchObject({ state: 'transmitting', tx_seq_num: 3 });
    expect(await orderOf(fixture, high)).toMatchObject({ state: 'sent', tx_seq_num: 2 });
  });

  it('sends again what was not confirmed, to the missing regions only (test_retransmission)', async () => {
    // 1) Confirmed by one region only.
    const first = await placeAndPay(fixture, { bid: 1000 });
    await confirm(fixture, 'tx', 1, [0]);
    expect(await stateOf(fixture, first)).toBe('confirming');
    // 2) Confirmed by none.
    const second = await placeAndPay(fixture, { bid: 2000 });
    expect(await stateOf(fixture, second)).toBe('transmitting');
    // 3) Needs no retransmission, and has to wait for the channel.
    const third = await placeAndPay(fixture, { bid: 2000, regions: [0, 1] });
    expect(await stateOf(fixture, third)).toBe('paid');

    expect(await passTimeout(first)).toBe(true);
    expect(await orderOf(fixture, first)).toMatchObject({
      state: 'confirming',
      retry_wanted: true,
    });
    expect(await passTimeout(second)).toBe(true);
    expect(await orderOf(fixture, second)).toMatchObject({
      state: 'confirming',
      retry_wanted: true,
    });
    // A first transmission goes before any repetition.
    expect(await stateOf(fixture, third)).toBe('transmitting');
    expect((await lastEvent())?.payload).toMatchObject({ uuid: third, regions: [0, 1] });

    // Among repetitions tried equally often, the highest bid.
    await confirm(fixture, 'tx', 3, [0, 1]);
    expect(await stateOf(fixture, third)).toBe('sent');
    expect(await orderOf(fixture, second)).toMatchObject({
      state: 'transmitting',
      retry_count: 1,
      tx_seq_num: 2,
    });
    expect((await lastEvent())?.payload).toMatchObject({
      uuid: second,
      attempt: 2,
      regions: REGION_NUMBERS,
    });

    // Its end lets the other one be repeated.
    await confirm(fixture, 'tx', 2);
    expect(await orderOf(fixture, second)).toMatchObject({ state: 'sent', retry_wanted: false });
    expect(await orderOf(fixture, first)).toMatchObject({
      state: 'transmitting',
      retry_count: 1,
      last_attempt_at: expect.any(Date) as Date,
    });
    const missing = { uuid: first, regions: [1, 2, 3, 4, 5], tx_seq_num: 1 };
    expect((await lastEvent())?.payload).toMatchObject({ ...missing, attempt: 2 });

    // Nobody confirms the repetition: a second one follows.
    expect(await passTimeout(first)).toBe(true);
    expect(await orderOf(fixture, first)).toMatchObject({ state: 'transmitting', retry_count: 2 });
    expect((await lastEvent())?.payload).toMatchObject({ ...missing, attempt: 3 });

    // Some confirm it: the timeout counts from the last of them, without the time of sending.
    await confirm(fixture, 'tx', 1, [1, 2]);
    const confirming = await orderOf(fixture, first);
    expect(confirming.state).toBe('confirming');
    const [last] = (
      await fixture.pool.query<{ at: Date }>(
        'select max(at) as at from confirmations where order_id = $1',
        [first],
      )
    ).rows;
    const timeout = (confirming.deadline_at?.getTime() ?? 0) - (last?.at.getTime() ?? 0);
    expect(Math.abs(timeout - 60_000)).toBeLessThan(50);
    expect(await passTimeout(first)).toBe(true);
    expect(await orderOf(fixture, first)).toMatchObject({ state: 'transmitting', retry_count: 3 });
    expect((await lastEvent())?.payload).toMatchObject({ uuid: first, regions: [3, 4, 5] });
  });
});
