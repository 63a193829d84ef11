import { afterEach, describe, expect, it } from 'vitest';
import { advanceOrder } from '../../../../engine/transmissions/advance-order.js';
import {
  closeOrderInvoices,
  createOrderInvoices,
} from '../../../../engine/transmissions/call-node.js';
import { openOrder } from '../../../../engine/transmissions/open-order.js';
import { LightningError } from '../../../../adapters/lightning/port.js';
import { toMsat } from '../../../../domain/money.js';
import {
  addBid,
  cancel,
  confirm,
  inTx,
  orderOf,
  passDeadline,
  place,
  placeAndPay,
  rowsOf,
  stateOf,
  reportSettled,
  useOrders,
} from './fixture.helper.js';
import { expectInvariants } from './invariants.helper.js';

/** What the workflow of an order does, step by step, without Temporal. */
describe('the steps of an order', () => {
  const fixture = useOrders();
  afterEach(() => expectInvariants(fixture));

  const advance = (orderId: string) => advanceOrder(fixture.engine, { orderId });
  const cancelInvoices = (orderId: string) => closeOrderInvoices(fixture.engine, { orderId });
  const createInvoice = (orderId: string) => createOrderInvoices(fixture.engine, { orderId });

  /** An opening whose request died before it called the node. */
  const openOnly = async () => {
    const { order, invoice } = await inTx(fixture, (tx) =>
      openOrder(fixture.engine, tx, {
        channel: 1,
        message: Buffer.from('x'),
        bidMsat: toMsat(1000n),
        regions: 63,
      }),
    );
    return { id: order.id, hash: invoice.hash };
  };
  /** The calls to the node that it needs have waited too long. */
  const callsWait = (id: string) =>
    fixture.pool.query('update orders set due_at = now() where id = $1', [id]);
  const wakesOf = (id: string) =>
    rowsOf(fixture, `select from outbox where kind = 'wake' and subject = $1`, [`order/${id}`]);
  const isDueAfter = async (id: string, seconds: number) => {
    const { due_at: due } = await orderOf(fixture, id);
    expect(Math.abs((due?.getTime() ?? 0) - Date.now() - seconds * 1000)).toBeLessThan(5000);
  };

  describe('while the invoice is created', () => {
    it('leaves it to the request and the relay, then creates it', async () => {
      const { id, hash } = await openOnly();
      expect(await advance(id)).toMatchObject({ state: 'pending', call: null });
      await isDueAfter(id, 10);
      await callsWait(id);
      expect(await advance(id)).toMatchObject({ call: 'createOrderInvoice' });
      await createInvoice(id);
      expect(fixture.node.invoices.get(hash)?.state).toBe('open');
      expect(await advance(id)).toMatchObject({ state: 'pending', call: null });
      await isDueAfter(id, 3602);
    });

    it('finds the invoice of an answer that was lost, instead of creating another', async () => {
      const { id, hash } = await openOnly();
      await callsWait(id);
      fixture.node.failNext('createInvoice', 'answer_lost');
      await expect(createInvoice(id)).rejects.toBeInstanceOf(LightningError);
      await createInvoice(id);
      expect([...fixture.node.invoices.keys()]).toEqual([hash]);
      const [row] = await rowsOf<{ state: string }>(fixture, 'select state from invoices');
      expect(row?.state).toBe('open');
    });

    it('expires the order when the node refuses', async () => {
      const { id } = await openOnly();
      await callsWait(id);
      fixture.node.failNext('createInvoice', 'refused');
      await createInvoice(id);
      expect(await stateOf(fixture, id)).toBe('expired');
      expect(await advance(id)).toMatchObject({ finished: false, call: null });
      await callsWait(id);
      expect(await advance(id)).toMatchObject({ finished: false, call: 'cancelOrderInvoices' });
      await cancelInvoices(id);
      expect(await advance(id)).toMatchObject({ state: 'expired', finished: true });
    });

    it('expires an order that has no invoice by its deadline', async () => {
      const { id } = await openOnly();
      await passDeadline(fixture, id);
      expect(await advance(id)).toMatchObject({ call: 'cancelOrderInvoices' });
      await cancelInvoices(id);
      expect(await advance(id)).toMatchObject({ state: 'expired', finished: true });
      expect(await orderOf(fixture, id)).toMatchObject({ due_at: null, unpaid_bid_msat: 0n });
    });
  });

  describe('while it waits for payment', () => {
    it('asks the node at the deadline, and expires what was not paid', async () => {
      const { order, invoice } = await place(fixture);
      await passDeadline(fixture, order.id);
      expect(await advance(order.id)).toMatchObject({ call: 'cancelOrderInvoices' });
      await cancelInvoices(order.id);
      expect(fixture.node.invoices.get(invoice.hash)?.state).toBe('canceled');
      expect(await advance(order.id)).toMatchObject({ state: 'expired', finished: true });
      expect(await rowsOf(fixture, 'select from order_messages')).toHaveLength(0);
    });

    it('counts what was paid in time though nobody reported it', async () => {
      const { order, invoice } = await place(fixture);
      fixture.node.settle(invoice.hash);
      await passDeadline(fixture, order.id);
      expect(await advance(order.id)).toMatchObject({ call: 'cancelOrderInvoices' });
      await cancelInvoices(order.id);
      expect(await advance(order.id)).toMatchObject({ state: 'transmitting', call: null });
      // Its own step: no wake.
      expect(await wakesOf(order.id)).toHaveLength(0);
    });

    it('asks again while the node does not answer', async () => {
      const { order } = await place(fixture);
      await passDeadline(fixture, order.id);
      fixture.node.failNext('cancelInvoice', 'unavailable');
      await expect(cancelInvoices(order.id)).rejects.toBeInstanceOf(LightningError);
      expect(await advance(order.id)).toMatchObject({
        state: 'pending',
        call: 'cancelOrderInvoices',
      });
      fixture.node.failNext('cancelInvoice', 'answer_lost');
      await expect(cancelInvoices(order.id)).rejects.toBeInstanceOf(LightningError);
      await cancelInvoices(order.id);
      expect(await stateOf(fixture, order.id)).toBe('expired');
    });

    it('expires a partly paid order with its last invoice, and the money stays claimable (fault 11)', async () => {
      const { order, invoice } = await place(fixture);
      // As after a raised minimum bid.
      await fixture.pool.query('update orders set min_bid_msat = 1500 where id = $1', [order.id]);
      await addBid(fixture, order.id, 500n);
      await reportSettled(fixture, { invoice });
      expect(await orderOf(fixture, order.id)).toMatchObject({
        state: 'pending',
        bid_msat: 1000n,
        unpaid_bid_msat: 500n,
      });
      await passDeadline(fixture, order.id);
      await cancelInvoices(order.id);
      expect(await orderOf(fixture, order.id)).toMatchObject({
        state: 'expired',
        bid_msat: 1000n,
        unpaid_bid_msat: 0n,
      });
    });
  });

  describe('after a cancellation', () => {
    it('closes the invoice at the node and is done', async () => {
      const { order, invoice } = await place(fixture);
      await cancel(fixture, order.id);
      expect(await wakesOf(order.id)).toHaveLength(1);
      expect(await advance(order.id)).toMatchObject({ state: 'cancelled', call: null });
      await callsWait(order.id);
      expect(await advance(order.id)).toMatchObject({
        state: 'cancelled',
        call: 'cancelOrderInvoices',
      });
      await cancelInvoices(order.id);
      expect(fixture.node.invoices.get(invoice.hash)?.state).toBe('canceled');
      expect(await advance(order.id)).toMatchObject({ state: 'cancelled', finished: true });
    });

    it('keeps money that came first as a claim, and the order stays cancelled', async () => {
      const { order, invoice } = await place(fixture);
      await cancel(fixture, order.id);
      fixture.node.settle(invoice.hash);
      await cancelInvoices(order.id);
      expect(await advance(order.id)).toMatchObject({ state: 'cancelled', finished: true });
      expect(await orderOf(fixture, order.id)).toMatchObject({ bid_msat: 1000n });
    });

    it('turns what was paid for it into a claim', async () => {
      await placeAndPay(fixture);
      const waiting = await placeAndPay(fixture);
      expect(await cancel(fixture, waiting)).toEqual({ outcome: 'cancelled' });
      expect(await orderOf(fixture, waiting)).toMatchObject({
        state: 'cancelled',
        bid_msat: 1000n,
      });
    });
  });

  describe('on its channel', () => {
    it('resumes a transmission after a crash: it times out and the next one starts (at boot)', async () => {
      const leftover = await placeAndPay(fixture);
      const next = await placeAndPay(fixture, { bid: 3000 });
      expect(await advance(leftover)).toMatchObject({ state: 'transmitting', call: null });
      await passDeadline(fixture, leftover);
      expect(await advance(leftover)).toMatchObject({ state: 'confirming', finished: false });
      expect(await stateOf(fixture, next)).toBe('transmitting');
      await isDueAfter(leftover, 300);
    });

    it('starts when the channel is free and no wake came (fault 3)', async () => {
      const id = await placeAndPay(fixture);
      // A row as a lost start would have left it.
      await fixture.pool.query(
        `update orders set state = 'paid', tx_seq_num = null, started_at = null, deadline_at = null where id = $1`,
        [id],
      );
      await fixture.pool.query('update transmission_counter set last = 0');
      await fixture.pool.query(`delete from outbox where kind = 'event'`);
      expect(await advance(id)).toMatchObject({ state: 'transmitting' });
      expect(await orderOf(fixture, id)).toMatchObject({ tx_seq_num: 1 });
    });

    it('has ended when sent; reception is recorded without it', async () => {
      const id = await placeAndPay(fixture);
      await confirm(fixture, 'tx', 1);
      expect(await advance(id)).toMatchObject({ state: 'sent', finished: true });
      const before = await wakesOf(id);
      await confirm(fixture, 'rx', 1);
      expect(await advance(id)).toMatchObject({ state: 'received', finished: true });
      expect(await wakesOf(id)).toEqual(before);
    });

    it('ends a retransmission for the other orders of the channel as well', async () => {
      const id = await placeAndPay(fixture);
      await passDeadline(fixture, id);
      // Alone on the channel, it is sent again at once.
      expect(await advance(id)).toMatchObject({ state: 'transmitting' });
      expect(await orderOf(fixture, id)).toMatchObject({ retry_count: 1, tx_seq_num: 1 });
      await isDueAfter(id, 61);
    });
  });

  it('has nothing to do for an order that does not exist', async () => {
    expect(await advance('409348bc-6af0-4999-b715-4136753979df')).toMatchObject({
      state: 'unknown',
      finished: true,
    });
  });
});
