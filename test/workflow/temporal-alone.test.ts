import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ActionInput } from '../../activities/paid-action.js';
import { satsToMsat } from '../../domain/money.js';
import { openOrder } from '../../engine/transmissions/open-order.js';
import { ActionFixture, POST } from '../integration/engine/actions/fixture.helper.js';
import {
  confirm,
  type Fixture,
  forgetOrders,
  inTx,
  orderFixture,
  orderOf,
  rowsOf,
} from '../integration/engine/transmissions/fixture.helper.js';
import { expectInvariants } from '../integration/engine/transmissions/invariants.helper.js';
import { ENGINE_SETTINGS } from '../support/engine-settings.js';
import { waitUntil } from '../support/wait-until.js';
import { WorkflowFixture } from './workflow-fixture.helper.js';

/**
 * Neither API nor relay: the workflow's activities make every write and every call that has waited too long, and nothing wakes them.
 * Only what happens outside is applied by the test: a region's confirmation.
 */
const TIMERS = {
  ...ENGINE_SETTINGS.timers,
  expiryGraceSeconds: 0,
};

describe('paid actions by workflows alone', () => {
  let actions: ActionFixture;
  let workflows: WorkflowFixture;
  beforeAll(async () => {
    actions = await ActionFixture.create({ timers: TIMERS });
    workflows = await WorkflowFixture.create(actions);
  });
  afterAll(async () => {
    await workflows.close();
    await actions.close();
  });

  const open = async (
    actor: string | null,
    more: Pick<NonNullable<ActionInput['open']>, 'invoiceExpirySeconds'> = {},
  ) => {
    const actionId = randomUUID();
    const request = { type: POST.type, args: POST.args, actor, ...more };
    const handle = await workflows.start({ actionId, attempt: 1, open: request });
    return { actionId, handle };
  };
  const invoiced = (actionId: string) =>
    waitUntil('its invoice is there', async () => {
      const { rows } = await actions.pool.query(
        'select from invoices where action_id = $1 and bolt11 is not null',
        [actionId],
      );
      return rows.length === 1;
    });

  it('by credits', async () => {
    const { name } = await actions.account('alone-credits', 10_000n);
    const { handle } = await open(name);
    expect(await handle.result()).toEqual({ state: 'PAID', reason: null });
  });

  it('optimistic: a payment that nobody reports is found when the invoice expires', async () => {
    const { name } = await actions.account('alone-paid');
    const { actionId, handle } = await open(name, { invoiceExpirySeconds: 2 });
    await invoiced(actionId);
    await actions.pay(await actions.view(actionId));
    expect(await handle.result()).toEqual({ state: 'PAID', reason: null });
  });

  it('optimistic: unpaid', async () => {
    const { name } = await actions.account('alone-unpaid');
    const { handle } = await open(name, { invoiceExpirySeconds: 1 });
    expect(await handle.result()).toEqual({ state: 'FAILED', reason: 'INVOICE_EXPIRED' });
  });

  it('optimistic: the request fails to create the invoice', async () => {
    actions.node.failNext('createInvoice', 'unavailable');
    const { name } = await actions.account('alone-invoice');
    const { actionId, handle } = await open(name, { invoiceExpirySeconds: 2 });
    await invoiced(actionId);
    await actions.pay(await actions.view(actionId));
    expect(await handle.result()).toEqual({ state: 'PAID', reason: null });
  });

  it('pessimistic: a hold that nobody reports is found when the invoice expires, and settled', async () => {
    const { actionId, handle } = await open(null, { invoiceExpirySeconds: 2 });
    await invoiced(actionId);
    await actions.pay(await actions.view(actionId));
    expect(await handle.result()).toEqual({ state: 'PAID', reason: null });
  });

  it('pessimistic: unpaid', async () => {
    const { handle } = await open(null, { invoiceExpirySeconds: 1 });
    expect(await handle.result()).toEqual({ state: 'FAILED', reason: 'INVOICE_EXPIRED' });
  });
});

describe('transmissions by workflows alone', () => {
  let orders: Fixture;
  let workflows: WorkflowFixture;
  beforeAll(async () => {
    const timers = { ...TIMERS, orderInvoiceExpirySeconds: 2, confirmTimeoutSeconds: 0.3 };
    orders = await orderFixture({ timers });
    workflows = await WorkflowFixture.create(orders);
  });
  afterAll(async () => {
    await workflows.close();
    await orders.close();
  });
  beforeEach(() => forgetOrders(orders));
  afterEach(() => expectInvariants(orders));

  const openOnly = async () => {
    const { order } = await inTx(orders, (tx) =>
      openOrder(orders.engine, tx, {
        ...{ channel: 1, message: Buffer.from('x'), bidMsat: satsToMsat(1n), regions: 0b11 },
      }),
    );
    const handle = await workflows.startOrder(order.id);
    await waitUntil('its invoice is there', () => Promise.resolve(orders.node.invoices.size === 1));
    return { id: order.id, handle };
  };

  it('paid, started, sent again and sent', async () => {
    const { id, handle } = await openOnly();
    const [invoice] = await rowsOf<{ hash: string }>(orders, 'select hash from invoices');
    orders.node.settle(invoice?.hash ?? '');
    await waitUntil('it was sent again', async () => (await orderOf(orders, id)).retry_count > 0);
    await confirm(orders, 'tx', 1, [0, 1]);
    expect(await handle.result()).toEqual({ state: 'sent', reason: null });
  });

  it('unpaid', async () => {
    const { handle } = await openOnly();
    expect(await handle.result()).toMatchObject({ state: 'expired' });
  });
});
