import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { randomUUID } from 'node:crypto';
import { createAccount } from '../../engine/accounts/accounts.js';
import { storeDraft } from '../../engine/transmissions/drafts.js';
import { openOrder } from '../../engine/transmissions/open-order.js';
import { satsToMsat } from '../../domain/money.js';
import { orderWorkflowId } from '../../domain/names/workflows.js';
import {
  cancel,
  confirm,
  type Fixture,
  forgetOrders,
  inTx,
  orderFixture,
  orderOf,
  pay,
  place,
  rowsOf,
  stateOf,
} from '../integration/engine/transmissions/fixture.helper.js';
import { expectInvariants } from '../integration/engine/transmissions/invariants.helper.js';
import { ENGINE_SETTINGS } from '../support/engine-settings.js';
import { waitUntil } from '../support/wait-until.js';
import { keepHistory, WorkflowFixture } from './workflow-fixture.helper.js';

const TIMERS = {
  ...ENGINE_SETTINGS.timers,
  ...{ creationSeconds: 30, expiryGraceSeconds: 0 },
  ...{ orderInvoiceExpirySeconds: 60, confirmTimeoutSeconds: 0.3 },
};

/** What the workflow of a sent order returns. */
const SENT = { state: 'sent', reason: null };

describe('transmissionOrder', () => {
  let orders: Fixture;
  let workflows: WorkflowFixture;
  beforeAll(async () => {
    orders = await orderFixture({ timers: TIMERS });
    workflows = await WorkflowFixture.create(orders);
  });
  afterAll(async () => {
    await workflows.close();
    await orders.close();
  });
  beforeEach(() => forgetOrders(orders));
  afterEach(() => expectInvariants(orders));

  /** What the relay does with wakes. */
  const deliverWakes = async (): Promise<void> => {
    const wakes = await rowsOf<{ subject: string }>(
      orders,
      `update outbox set published_at = now() where kind = 'wake' and published_at is null returning subject`,
    );
    await Promise.all(
      wakes.map(({ subject }) =>
        // One that has not started, or has ended, needs none.
        workflows.wake(workflows.client.workflow.getHandle(subject)).catch(() => undefined),
      ),
    );
  };
  const waits = (handle: WorkflowHandle, tasks = 1) =>
    waitUntil('it waits', async () => (await workflows.eventsOf(handle)).tasks === tasks);
  const is = (id: string, state: string) =>
    waitUntil(`${id} is ${state}`, async () => (await stateOf(orders, id)) === state);

  it('is woken when it is paid and started, and when it is sent: three tasks in all', async () => {
    const placed = await place(orders);
    const handle = await workflows.startOrder(placed.order.id);
    await waits(handle);
    await pay(orders, placed);
    await deliverWakes();
    await waits(handle, 2);
    await confirm(orders, 'tx', 1);
    await deliverWakes();
    expect(await handle.result()).toEqual(SENT);
    expect((await workflows.eventsOf(handle)).tasks).toBe(3);
    await keepHistory(handle, 'transmission-order-sent');
  });

  it('sends again by itself what is not confirmed', async () => {
    const placed = await place(orders, { regions: [0, 1] });
    await pay(orders, placed);
    const { id } = placed.order;
    const handle = await workflows.startOrder(id);
    await waitUntil('it was repeated', async () => (await orderOf(orders, id)).retry_count > 0);
    await confirm(orders, 'tx', 1, [0]);
    await waitUntil('and again', async () => (await orderOf(orders, id)).retry_regions === 0b10);
    await confirm(orders, 'tx', 1, [1]);
    await deliverWakes();
    expect(await handle.result()).toEqual(SENT);
    await keepHistory(handle, 'transmission-order-repeated');
  });

  it('starts the next order when its own transmission has ended, and wakes it', async () => {
    const first = await place(orders);
    const second = await place(orders);
    await pay(orders, first);
    await pay(orders, second);
    const handles = await Promise.all(
      [first, second].map(({ order }) => workflows.startOrder(order.id)),
    );
    await is(second.order.id, 'transmitting');
    await deliverWakes();
    await confirm(orders, 'tx', 2);
    await confirm(orders, 'tx', 1);
    await deliverWakes();
    expect(await Promise.all(handles.map((handle) => handle.result()))).toEqual([SENT, SENT]);
  });

  it('expires by itself when nobody pays', async () => {
    const { order, invoice } = await place(orders);
    await orders.pool.query('update orders set deadline_at = now(), due_at = now()');
    const handle = await workflows.startOrder(order.id);
    expect(await handle.result()).toEqual({
      state: 'expired',
      reason: 'its last open invoice expired',
    });
    expect(orders.node.invoices.get(invoice.hash)?.state).toBe('canceled');
    await keepHistory(handle, 'transmission-order-expired');
  });

  it('cancels the invoice of a cancelled order, however long the node is away', async () => {
    const { order, invoice } = await place(orders);
    const handle = await workflows.startOrder(order.id);
    await waits(handle);
    orders.node.failNext('cancelInvoice', 'unavailable');
    await cancel(orders, order.id);
    await deliverWakes();
    expect(await handle.result()).toEqual({ state: 'cancelled', reason: null });
    expect(orders.node.invoices.get(invoice.hash)?.state).toBe('canceled');
    await keepHistory(handle, 'transmission-order-cancelled');
  });

  it('creates the invoice when the request could not', async () => {
    const { order, invoice } = await inTx(orders, (tx) =>
      openOrder(orders.engine, tx, {
        channel: 1,
        message: Buffer.from('x'),
        bidMsat: satsToMsat(1n),
        regions: 63,
      }),
    );
    orders.node.failNext('createInvoice', 'answer_lost');
    const handle = await workflows.startOrder(order.id);
    await waitUntil('there is an invoice', async () => {
      const [row] = await rowsOf<{ state: string }>(orders, 'select state from invoices');
      return row?.state === 'open';
    });
    await cancel(orders, order.id);
    await deliverWakes();
    expect(await handle.result()).toEqual({ state: 'cancelled', reason: null });
    expect(orders.node.invoices.get(invoice.hash)?.state).toBe('canceled');
  });

  it('opens the order itself when another service starts it with a draft', async () => {
    const { draft } = await storeDraft(orders.engine, {
      message: Buffer.from('from a service'),
      owner: null,
    });
    const id = randomUUID();
    const open = { draftId: draft.id, bidMsat: '2000', regions: [0] };
    const start = (orderId: string) =>
      workflows.startWith('transmissionOrder', orderWorkflowId(orderId), [{ orderId, open }]);
    const handle = await start(id);
    await waitUntil('its invoice is open', async () => {
      const [row] = await rowsOf<{ state: string }>(
        orders,
        'select state from invoices where order_id = $1',
        [id],
      );
      return row?.state === 'open';
    });
    await cancel(orders, id);
    await deliverWakes();
    expect(await handle.result()).toEqual({ state: 'cancelled', reason: null });
    const unknown = await start(randomUUID());
    await expect(unknown.result()).rejects.toMatchObject({
      cause: { type: 'transmission.draft_not_found' },
    });
  });

  it('takes the word of nobody who says to be an operator, where starts are not trusted', async () => {
    const { draft } = await storeDraft(orders.engine, { message: Buffer.from('x'), owner: null });
    await inTx(orders, (tx) => createAccount(tx, { name: 'the-operator', role: 'operator' }));
    const guarded = await WorkflowFixture.create(orders, { trustsStarts: false });
    const open = { draftId: draft.id, channel: 5, actor: 'the-operator' };
    const start = (by: WorkflowFixture, orderId: string) =>
      by.startWith('transmissionOrder', orderWorkflowId(orderId), [{ orderId, open }]);
    try {
      const forged = await start(guarded, randomUUID());
      await expect(forged.result()).rejects.toMatchObject({
        cause: { type: 'start.token_missing' },
      });
      expect(await rowsOf(orders, 'select id from orders')).toEqual([]);
    } finally {
      await guarded.close();
    }
    const id = randomUUID();
    const handle = await start(workflows, id);
    await waitUntil('it is transmitted', async () => {
      const [row] = await rowsOf<{ state: string }>(orders, 'select state from orders');
      return row?.state === 'transmitting';
    });
    await confirm(orders, 'tx', 1);
    await deliverWakes();
    expect(await handle.result()).toEqual(SENT);
  });

  it('started again after it was terminated goes on where the row is', async () => {
    const placed = await place(orders);
    const first = await workflows.startOrder(placed.order.id);
    await waits(first);
    await first.terminate('a test');
    await pay(orders, placed);
    await confirm(orders, 'tx', 1);
    const second = await workflows.startOrder(placed.order.id, true);
    expect(await second.result()).toEqual(SENT);
  });

  it('resumes a transmission that lost its workflow: it times out and the next one follows', async () => {
    const leftover = await place(orders);
    await pay(orders, leftover);
    const next = await place(orders, { bid: 5000 });
    await pay(orders, next);
    // As the sweep does after everything was down for a while.
    await workflows.startOrder(leftover.order.id);
    await is(next.order.id, 'transmitting');
    expect(await orderOf(orders, leftover.order.id)).toMatchObject({
      state: 'confirming',
      retry_wanted: true,
    });
    await confirm(orders, 'tx', 2);
    await confirm(orders, 'tx', 1);
    await deliverWakes();
  });
});
