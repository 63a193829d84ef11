import { describe, expect, it } from 'vitest';
import { advanceOrder, timeOut } from '../../../../engine/transmissions/advance-order.js';
import { closeOldOrders } from '../../../../engine/transmissions/close-orders.js';
import { placeOrder } from '../../../../engine/transmissions/open-order.js';
import { satsToMsat } from '../../../../domain/money.js';
import type { RetransmissionPolicy } from '../../../../domain/transmissions/settings.js';
import {
  confirm,
  eventsOf,
  inTx,
  orderOf,
  passDeadline,
  pay,
  placeAndPay,
  rowsOf,
  startNextOf,
  useOrders,
} from './fixture.helper.js';
import { expectInvariants } from './invariants.helper.js';

describe('how an order is sent again, and how it ends', () => {
  const fixture = useOrders();

  const placeWith = async (policy: Partial<RetransmissionPolicy>): Promise<string> => {
    const { transmissions } = fixture.engine;
    const retransmissions = { ...transmissions.retransmissions, ...policy };
    const engine = { ...fixture.engine, transmissions: { ...transmissions, retransmissions } };
    const placed = await placeOrder(engine, {
      ...{ channel: 1, message: Buffer.from('x'), bidMsat: satsToMsat(2n), regions: 63 },
    });
    if ('failed' in placed) throw new Error('the order has no invoice');
    await pay(fixture, placed);
    return placed.order.id;
  };
  const miss = async (id: string): Promise<void> => {
    await passDeadline(fixture, id);
    await inTx(fixture, (tx) => timeOut(tx, id));
  };

  it('gives up after so many retransmissions; late confirmations still count', async () => {
    const id = await placeWith({ limit: 2 });
    await miss(id);
    await miss(id);
    expect(await orderOf(fixture, id)).toMatchObject({ state: 'transmitting', retry_count: 2 });
    await miss(id);
    expect(await orderOf(fixture, id)).toMatchObject({ state: 'confirming', retry_wanted: false });
    expect((await orderOf(fixture, id)).gave_up_at).not.toBeNull();
    await expectInvariants(fixture);
    await confirm(fixture, 'tx', 1);
    expect(await orderOf(fixture, id)).toMatchObject({ state: 'sent' });
    await expectInvariants(fixture);
  });

  it('one that gave up is closed in the end, and has earned its bid', async () => {
    const id = await placeWith({ limit: 0 });
    await miss(id);
    expect((await orderOf(fixture, id)).gave_up_at).not.toBeNull();
    await passDeadline(fixture, id);
    expect(await advanceOrder(fixture.engine, { orderId: id })).toMatchObject({
      state: 'sent',
      finished: true,
    });
    expect((await orderOf(fixture, id)).closed_at).not.toBeNull();
    await expectInvariants(fixture);
  });

  it('presumes regions that never confirm after so many retransmissions', async () => {
    const id = await placeWith({ presumeAfter: 1 });
    await miss(id);
    await confirm(fixture, 'tx', 1, [0, 1]);
    await miss(id);
    expect((await orderOf(fixture, id)).state).toBe('sent');
    const presumed = await rowsOf<{ region: number }>(
      fixture,
      `select region from confirmations where kind = 'tx' and presumed order by region`,
    );
    expect(presumed.map(({ region }) => region)).toEqual([2, 3, 4, 5]);
    await expectInvariants(fixture);
  });

  it('waits before it is sent again, longer each time', async () => {
    const id = await placeWith({ backoffSeconds: 100 });
    await miss(id);
    const waits = async () => {
      const [row] = await rowsOf<{ wait: number; due: number }>(
        fixture,
        `select extract(epoch from retry_at - clock_timestamp())::float8 as wait,
           extract(epoch from due_at - clock_timestamp())::float8 as due from orders`,
      );
      return row;
    };
    expect((await waits())?.wait).toBeGreaterThan(95);
    expect((await waits())?.due).toBeLessThan(101);
    expect(await startNextOf(fixture, 1)).toBeUndefined();
    await fixture.pool.query(`update orders set retry_at = now(), due_at = now()`);
    await advanceOrder(fixture.engine, { orderId: id });
    expect(await orderOf(fixture, id)).toMatchObject({ state: 'transmitting', retry_count: 1 });
    await miss(id);
    expect((await waits())?.wait).toBeGreaterThan(195);
  });

  it('new orders go first, until a retransmission has waited for its time', async () => {
    const waiting = await placeWith({ turnAfterSeconds: 60 });
    const first = await placeAndPay(fixture, { bid: 9000 });
    const second = await placeAndPay(fixture, { bid: 9000 });
    await passDeadline(fixture, waiting);
    await inTx(fixture, (tx) => timeOut(tx, waiting));
    expect((await orderOf(fixture, first)).state).toBe('transmitting');
    await fixture.pool.query(
      `update orders set retry_since = now() - interval '61 seconds' where id = $1`,
      [waiting],
    );
    await confirm(fixture, 'tx', 2);
    expect((await orderOf(fixture, waiting)).state).toBe('transmitting');
    expect((await orderOf(fixture, second)).state).toBe('paid');
    await expectInvariants(fixture);
  });

  it('closes what was sent long ago: a late receiver changes nothing, and no event is told', async () => {
    const old = await placeAndPay(fixture);
    await confirm(fixture, 'tx', 1);
    await placeAndPay(fixture);
    await confirm(fixture, 'tx', 2);
    await fixture.pool.query(
      `update orders set ended_at = now() - interval '32 days' where id = $1`,
      [old],
    );
    const events = (await eventsOf(fixture)).length;
    expect(await closeOldOrders(fixture.engine, 31)).toBe(1);
    expect(await closeOldOrders(fixture.engine, 31)).toBe(0);
    expect(await confirm(fixture, 'rx', 1)).toBe('applied');
    expect(await orderOf(fixture, old)).toMatchObject({ state: 'sent' });
    await confirm(fixture, 'rx', 2);
    expect(await rowsOf(fixture, `select from orders where state = 'received'`)).toHaveLength(1);
    expect((await eventsOf(fixture)).length).toBe(events);
  });
});
