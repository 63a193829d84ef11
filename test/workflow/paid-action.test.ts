import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ActionFixture,
  ANONYMOUS,
  POST,
  zapOf,
} from '../integration/engine/actions/fixture.helper.js';
import { ENGINE_SETTINGS } from '../support/engine-settings.js';
import { waitUntil } from '../support/wait-until.js';
import { keepHistory, WorkflowFixture } from './workflow-fixture.helper.js';

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

/** What the workflow of a paid attempt returns. */
const PAID = { state: 'PAID', reason: null };

const stateOf = async (id: string): Promise<string> => (await actions.view(id)).state;

describe('paidAction', () => {
  it('by credits takes one workflow task', async () => {
    const { view } = await actions.open(await actions.account('wf-credits', 10_000n));
    const handle = await workflows.start({ actionId: view.id, attempt: 1 });
    expect(await handle.result()).toEqual(PAID);
    expect((await workflows.eventsOf(handle)).tasks).toBe(1);
    await keepHistory(handle, 'paid-action-credits');
  });

  it('optimistic takes two: it waits, and is woken by the payment', async () => {
    const { view } = await actions.open(await actions.account('wf-optimist'));
    const handle = await workflows.start({ actionId: view.id, attempt: 1 });
    await waitUntil('it waits', async () => (await workflows.eventsOf(handle)).tasks === 1);
    await actions.pay(view);
    await actions.deliver();
    await workflows.wake(handle);
    expect(await handle.result()).toEqual(PAID);
    expect((await workflows.eventsOf(handle)).tasks).toBe(2);
    await keepHistory(handle, 'paid-action-optimistic');
  });

  it('fails by itself when nobody pays', async () => {
    const { view } = await actions.open(await actions.account('wf-expired'), {
      invoiceExpirySeconds: 1,
    });
    const handle = await workflows.start({ actionId: view.id, attempt: 1 });
    expect(await handle.result()).toEqual({ state: 'FAILED', reason: 'INVOICE_EXPIRED' });
    expect((await actions.view(view.id)).attempts).toMatchObject([{ reason: 'INVOICE_EXPIRED' }]);
    await keepHistory(handle, 'paid-action-expired');
  });

  it('pessimistic takes two: the relay settles what is held', async () => {
    const itemId = await actions.paidPost(await actions.account('wf-author'));
    const { view } = await actions.open(ANONYMOUS, zapOf(itemId));
    const handle = await workflows.start({ actionId: view.id, attempt: 1 });
    await waitUntil('it waits', async () => (await workflows.eventsOf(handle)).tasks === 1);
    await actions.pay(view);
    await actions.deliver();
    expect(await stateOf(view.id)).toBe('HELD');
    await actions.makeCalls({ actionId: view.id, attempt: 1 });
    await workflows.wake(handle);
    expect(await handle.result()).toEqual(PAID);
    expect((await workflows.eventsOf(handle)).tasks).toBe(2);
    await keepHistory(handle, 'paid-action-pessimistic');
  });

  it('settles what the relay did not, and goes on while the node is away', async () => {
    const { view } = await actions.open(ANONYMOUS);
    await actions.pay(view);
    await actions.deliver();
    actions.node.failNext('settleInvoice', 'unavailable', 2);
    actions.node.failNext('settleInvoice', 'answer_lost');
    const handle = await workflows.start({ actionId: view.id, attempt: 1 });
    expect(await handle.result()).toEqual(PAID);
  });

  it('creates the invoice when the request could not', async () => {
    actions.node.failNext('createInvoice', 'unavailable');
    const { view } = await actions.open(ANONYMOUS);
    expect(view.state).toBe('INVOICING');
    const handle = await workflows.start({ actionId: view.id, attempt: 1 });
    await waitUntil('there is an invoice', async () => (await stateOf(view.id)) === 'PENDING_HELD');
    await actions.pay(await actions.view(view.id));
    await actions.deliver();
    await workflows.wake(handle);
    expect(await handle.result()).toEqual(PAID);
    await keepHistory(handle, 'paid-action-invoiced-by-workflow');
  });

  it('started again after it was terminated goes on where the row is', async () => {
    const { view } = await actions.open(ANONYMOUS);
    const first = await workflows.start({ actionId: view.id, attempt: 1 });
    await waitUntil('it waits', async () => (await workflows.eventsOf(first)).tasks === 1);
    await first.terminate('a test');
    await actions.pay(view);
    await actions.deliver();
    expect(await stateOf(view.id)).toBe('HELD');
    const second = await workflows.start({ actionId: view.id, attempt: 1 }, true);
    expect(await second.result()).toEqual(PAID);
  });
});

describe('started by a service, by type and JSON', () => {
  it('opens the action as the API would', async () => {
    const author = await actions.account('wf-service', 10_000n);
    const actionId = randomUUID();
    const open = { type: 'ITEM_CREATE', args: POST.args, actor: author.name };
    const handle = await workflows.start({ actionId, attempt: 1, open });
    expect(await handle.result()).toEqual(PAID);
    expect(await actions.view(actionId)).toMatchObject({ actor: 'wf-service', state: 'PAID' });
    await keepHistory(handle, 'paid-action-by-service');
  });

  it('twice is once, and another request with its id is refused', async () => {
    const author = await actions.account('wf-twice', 10_000n);
    const actionId = randomUUID();
    const open = { type: 'ITEM_CREATE', args: POST.args, actor: author.name };
    expect(await (await workflows.start({ actionId, attempt: 1, open })).result()).toEqual(PAID);
    expect(await (await workflows.start({ actionId, attempt: 1, open }, true)).result()).toEqual(
      PAID,
    );
    expect(await actions.balance(author)).toBe(9_000n);
  });

  it('fails with the code of the refusal', async () => {
    const open = { type: 'ZAP', args: { itemId: '123456', sats: 1 }, actor: null };
    const handle = await workflows.start({ actionId: randomUUID(), attempt: 1, open });
    const failure: unknown = await handle.result().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(WorkflowFailedError);
    expect(failure).toMatchObject({ cause: { type: 'item.not_found' } });
  });
});
