import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueStartToken } from '../../engine/accounts/issue-start-token.js';
import { ActionFixture, ANONYMOUS } from '../integration/engine/actions/fixture.helper.js';
import {
  confirm,
  type Fixture,
  orderFixture,
  orderOf,
  pay,
  place,
} from '../integration/engine/transmissions/fixture.helper.js';
import { ENGINE_SETTINGS } from '../support/engine-settings.js';
import { waitUntil } from '../support/wait-until.js';
import { detailsOf, storyOf } from './history-story.helper.js';
import { WorkflowFixture } from './workflow-fixture.helper.js';

/** The history alone must tell an operator what happened. */
describe('the history of an action', () => {
  let actions: ActionFixture;
  let workflows: WorkflowFixture;
  beforeAll(async () => {
    actions = await ActionFixture.create({
      timers: { ...ENGINE_SETTINGS.timers, expiryGraceSeconds: 0 },
    });
    workflows = await WorkflowFixture.create(actions);
  });
  afterAll(async () => {
    await workflows.close();
    await actions.close();
  });

  const waits = (handle: Awaited<ReturnType<WorkflowFixture['start']>>) =>
    waitUntil('it waits', async () => (await workflows.eventsOf(handle)).tasks === 1);

  it('of one that expires says that payment was awaited, and that the invoice was canceled', async () => {
    const { view } = await actions.open(await actions.account('story-expired'), {
      invoiceExpirySeconds: 1,
    });
    const handle = await workflows.start({ actionId: view.id, attempt: 1 });
    expect(await handle.result()).toEqual({ state: 'FAILED', reason: 'INVOICE_EXPIRED' });
    expect(await storyOf(handle)).toEqual({
      timers: ['payment, until the invoice expires'],
      calls: [
        expect.stringMatching(/^lookUpInvoice: the node says whether it was paid in time, by 20/),
      ],
      wakes: [],
      states: ['PENDING', 'FAILED'],
      failedTasks: 0,
    });
  });

  it('of a held one says that it settles what the relay did not; details name amount, deadline and what is awaited', async () => {
    const { view } = await actions.open(ANONYMOUS);
    const handle = await workflows.start({ actionId: view.id, attempt: 1 });
    await waits(handle);
    const details = await detailsOf(handle);
    expect(details).toContain(
      '**PENDING_HELD**, awaits: a held payment, until the invoice expires',
    );
    expect(details).toContain(`amount ${view.costMsat} msat, deadline 20`);
    expect(details).toContain(`/v1/operator/transitions/attempt/${view.id}%2F1`);
    await actions.pay(view);
    await actions.deliver();
    await workflows.wake(handle, 'held');
    expect(await handle.result()).toEqual({ state: 'PAID', reason: null });
    expect(await storyOf(handle)).toEqual({
      timers: ['a held payment, until the invoice expires', 'the held payment is settled'],
      calls: ['settleInvoice: the held payment is settled'],
      wakes: ['held'],
      states: ['PENDING_HELD', 'HELD', 'PAID'],
      failedTasks: 0,
    });
  });

  it.each(['an actor', 'a start token'])('of one opened by %s is found by it', async (by) => {
    const name = `story-${by.replaceAll(' ', '-')}`;
    await actions.account(name, 10_000n);
    const grant = { type: 'ITEM_CREATE', maxCostMsat: 10_000n, actor: name, origin: null };
    const { token: startToken, actionId } = await issueStartToken(actions.engine, {
      ...{ ...grant, validSeconds: 60 },
    });
    const open = {
      ...{ type: 'ITEM_CREATE', args: { title: `Opened elsewhere, by ${by}` } },
      ...(by === 'an actor' ? { actor: name } : { startToken }),
    };
    const handle = await workflows.start({ actionId, attempt: 1, open });
    await handle.result();
    const { typedSearchAttributes } = await handle.describe();
    const found = typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]);
    expect(Object.fromEntries(found)).toMatchObject({
      ...{ QType: 'ITEM_CREATE', QActor: name, QState: 'PAID' },
    });
  });
});

describe('the history of an order', () => {
  let orders: Fixture;
  let workflows: WorkflowFixture;
  beforeAll(async () => {
    orders = await orderFixture({
      timers: { ...ENGINE_SETTINGS.timers, confirmTimeoutSeconds: 0.3 },
    });
    workflows = await WorkflowFixture.create(orders);
  });
  afterAll(async () => {
    await workflows.close();
    await orders.close();
  });

  it('of one that was sent again names the regions that were missing', async () => {
    const placed = await place(orders, { regions: [0, 1, 3] });
    await pay(orders, placed);
    const { id } = placed.order;
    await confirm(orders, 'tx', 1, [0]);
    const handle = await workflows.startOrder(id);
    await waitUntil('it was sent again', async () => (await orderOf(orders, id)).retry_count > 0);
    await confirm(orders, 'tx', 1, [1, 3]);
    await workflows.wake(handle, 'sent');
    expect(await handle.result()).toEqual({ state: 'sent', reason: null });
    const { timers, states, failedTasks } = await storyOf(handle);
    expect(new Set(timers)).toEqual(new Set(['confirmations of regions 1 and 3']));
    // Where its first step comes late, that one has sent it again already.
    expect(states.slice(-2)).toEqual(['transmitting', 'sent']);
    expect(failedTasks).toBe(0);
  });
});
