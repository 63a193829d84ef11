import { afterEach, describe, expect, it } from 'vitest';
import { transact } from '../../../../engine/context.js';
import { applyInvoiceUpdate } from '../../../../engine/incoming/apply-invoice-update.js';
import { ensureOrderInvoice } from '../../../../engine/transmissions/call-node.js';
import { openOrder } from '../../../../engine/transmissions/open-order.js';
import { timeOut } from '../../../../engine/transmissions/advance-order.js';
import { toMsat } from '../../../../domain/money.js';
import {
  addBid,
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
  useOrders,
} from './fixture.helper.js';
import { expectInvariants } from './invariants.helper.js';

describe('a channel', () => {
  const fixture = useOrders();
  afterEach(() => expectInvariants(fixture));

  const passTimeout = async (id: string) => {
    await passDeadline(fixture, id);
    await inTx(fixture, (tx) => timeOut(tx, id));
  };
  const lastPayload = async () => (await eventsOf(fixture)).at(-1)?.payload;

  it('goes to the older of equal bids', async () => {
    await placeAndPay(fixture);
    const placed = [];
    for (let n = 0; n < 4; n += 1) placed.push(await place(fixture));
    for (const one of [...placed].reverse()) await pay(fixture, one);
    for (const [n, { order }] of placed.entries()) {
      await confirm(fixture, 'tx', n + 1);
      expect(await orderOf(fixture, order.id)).toMatchObject({ tx_seq_num: n + 2 });
    }
  });

  it('counts the bid per byte on air, not the bid', async () => {
    await placeAndPay(fixture);
    const long = await placeAndPay(fixture, { bid: 9000, size: 1400 });
    const short = await placeAndPay(fixture, { bid: 2000, size: 1 });
    await confirm(fixture, 'tx', 1);
    expect(await stateOf(fixture, short)).toBe('transmitting');
    expect(await stateOf(fixture, long)).toBe('paid');
  });

  it('is freed by a confirmation of any region, asked for or not', async () => {
    const first = await placeAndPay(fixture, { regions: [0, 1] });
    const second = await placeAndPay(fixture);
    await confirm(fixture, 'tx', 1, [5]);
    expect(await stateOf(fixture, first)).toBe('confirming');
    expect(await stateOf(fixture, second)).toBe('transmitting');
  });

  it('is not freed by a region that confirms again during a retransmission', async () => {
    const id = await placeAndPay(fixture, { regions: [0, 1] });
    await confirm(fixture, 'tx', 1, [0]);
    await passTimeout(id);
    expect(await stateOf(fixture, id)).toBe('transmitting');
    expect(await confirm(fixture, 'tx', 1, [0])).toBe('known');
    expect(await stateOf(fixture, id)).toBe('transmitting');
  });

  it('sends again to the regions that are missing when it starts, not when it was decided', async () => {
    const first = await placeAndPay(fixture);
    await confirm(fixture, 'tx', 1, [0]);
    const second = await placeAndPay(fixture);
    await passTimeout(first);
    expect(await orderOf(fixture, first)).toMatchObject({
      retry_wanted: true,
      retry_regions: 0b111110,
    });
    // While it waits for the channel: it is still to be sent again, to fewer regions.
    await confirm(fixture, 'tx', 1, [1, 2]);
    expect(await orderOf(fixture, first)).toMatchObject({
      state: 'confirming',
      retry_wanted: true,
    });
    await confirm(fixture, 'tx', 2);
    expect(await stateOf(fixture, second)).toBe('sent');
    expect(await lastPayload()).toMatchObject({ uuid: first, attempt: 2, regions: [3, 4, 5] });
    await confirm(fixture, 'tx', 1, [3, 4, 5]);
    expect(await lastPayload()).toMatchObject({ uuid: first, status: 'sent', regions: [3, 4, 5] });
  });

  it('is freed by reception alone', async () => {
    const id = await placeAndPay(fixture);
    await confirm(fixture, 'rx', 1, [0, 1, 4]);
    expect(await stateOf(fixture, id)).toBe('transmitting');
    await confirm(fixture, 'rx', 1, [5]);
    expect(await stateOf(fixture, id)).toBe('received');
    expect(
      await rowsOf(fixture, 'select region, presumed from confirmations where presumed order by 1'),
    ).toEqual([
      { region: 2, presumed: true },
      { region: 3, presumed: true },
    ]);
  });

  it('takes regions without receivers straight to received', async () => {
    const id = await placeAndPay(fixture, { regions: [2, 3] });
    await confirm(fixture, 'tx', 1, [2, 3]);
    expect(await stateOf(fixture, id)).toBe('received');
    expect((await eventsOf(fixture)).map(({ payload }) => payload.status)).toEqual([
      'transmitting',
      'received',
    ]);
  });

  it('knows no confirmation of a number that was not given', async () => {
    await place(fixture);
    expect(await confirm(fixture, 'tx', 1)).toBe('unknown');
    expect(await rowsOf(fixture, 'select from confirmations')).toEqual([]);
  });

  it('counts money beyond the bid, and money that comes while it is sent', async () => {
    const { order, invoice } = await place(fixture);
    const settled = { hash: invoice.hash, state: 'settled' as const, receivedMsat: toMsat(1500n) };
    await transact(fixture.engine, (tx) => applyInvoiceUpdate(fixture.engine, tx, settled));
    expect(await orderOf(fixture, order.id)).toMatchObject({ bid_msat: 1500n });
    const hash = await addBid(fixture, order.id, 700n);
    const more = { hash, state: 'settled' as const, receivedMsat: toMsat(700n) };
    await transact(fixture.engine, (tx) => applyInvoiceUpdate(fixture.engine, tx, more));
    expect(await orderOf(fixture, order.id)).toMatchObject({
      state: 'transmitting',
      bid_msat: 2200n,
      unpaid_bid_msat: 0n,
    });
  });

  it('ignores that an ordinary invoice be held', async () => {
    const { order, invoice } = await place(fixture);
    const held = { hash: invoice.hash, state: 'held' as const, receivedMsat: toMsat(1000n) };
    expect(
      await transact(fixture.engine, (tx) => applyInvoiceUpdate(fixture.engine, tx, held)),
    ).toBe('known');
    expect(await stateOf(fixture, order.id)).toBe('pending');
  });

  it('does not show an invoice that came after the order was cancelled', async () => {
    const opened = await inTx(fixture, (tx) =>
      openOrder(fixture.engine, tx, {
        channel: 1,
        message: Buffer.from('x'),
        bidMsat: toMsat(1000n),
        regions: 63,
      }),
    );
    await cancel(fixture, opened.order.id);
    expect(
      await ensureOrderInvoice(fixture.engine, opened.order.id, opened.invoice),
    ).toBeUndefined();
    expect(await rowsOf(fixture, 'select state from invoices')).toEqual([{ state: 'canceled' }]);
  });

  it.each([
    ['a bid below the minimum', { bidMsat: toMsat(999n) }],
    ['a channel that is not paid for', { channel: 3 }],
    ['a channel that does not exist', { channel: 2 }],
    [
      'a message that is too large',
      { message: Buffer.alloc(1_048_577), bidMsat: toMsat(9_000_000n) },
    ],
  ])('is not opened for %s', async (_what, change) => {
    const request = { channel: 1, message: Buffer.from('x'), bidMsat: toMsat(1000n), regions: 63 };
    await expect(
      inTx(fixture, (tx) => openOrder(fixture.engine, tx, { ...request, ...change })),
    ).rejects.toThrow(RangeError);
    expect(await rowsOf(fixture, 'select from orders')).toEqual([]);
  });
});
