import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCall } from '../../engine/incoming/make-call.js';
import { Withdrawing } from '../integration/engine/actions/withdrawing.helper.js';
import { Wrapping } from '../integration/engine/actions/wrapping.helper.js';
import { waitUntil } from '../support/wait-until.js';
import { keepHistory, WorkflowFixture } from './workflow-fixture.helper.js';

let at: Wrapping;
let withdrawing: Withdrawing;
let workflows: WorkflowFixture;

beforeAll(async () => {
  at = await Wrapping.create();
  withdrawing = await Withdrawing.on(at.fixture, 'wf-saver');
  workflows = await WorkflowFixture.create(at.fixture);
});
afterAll(async () => {
  await workflows.close();
  await at.fixture.close();
});

const PAID = { state: 'PAID', reason: null };

const stateOf = async (id: string): Promise<string> => (await at.fixture.view(id)).state;

async function waits(handle: WorkflowHandle): Promise<void> {
  await waitUntil('it waits', async () => (await workflows.eventsOf(handle)).tasks === 1);
}

/** How many wakes wait in the outbox for the workflow of an action: each of them is a task. */
const wakesOf = (id: string): Promise<number> =>
  at.fixture.count(`outbox where kind = 'wake' and ordering_key = $1`, [`action/${id}/1`]);

describe('workflow tasks of money that leaves, when nothing goes wrong', () => {
  it('a wrapped payment takes two: it waits, and is woken once, when it is paid', async () => {
    const { itemId } = await at.payee('wf-payee');
    const view = await at.zap(itemId);
    const handle = await workflows.start({ actionId: view.id, attempt: 1 });
    await waits(handle);
    await at.fixture.pay(view);
    await at.fixture.deliver();
    expect([await stateOf(view.id), await wakesOf(view.id)]).toEqual(['HELD', 0]);
    await makeCall(at.fixture.engine, 'settle_invoice', at.hashOf(view));
    expect([await stateOf(view.id), await wakesOf(view.id)]).toEqual(['PAID', 1]);
    await workflows.wake(handle, 'settled');
    expect(await handle.result()).toEqual(PAID);
    expect((await workflows.eventsOf(handle)).tasks).toBe(2);
    await keepHistory(handle, 'paid-action-wrapped');
  });

  it('a withdrawal takes two: it waits, and is woken once, when it is paid', async () => {
    const { hash, bolt11 } = await withdrawing.invoice();
    const { view } = await withdrawing.open(await withdrawing.rich(), bolt11);
    const handle = await workflows.start({ actionId: view.id, attempt: 1 });
    await waits(handle);
    await makeCall(at.fixture.engine, 'send_payment', hash);
    expect([await stateOf(view.id), await wakesOf(view.id)]).toEqual(['PAID', 1]);
    await workflows.wake(handle, 'withdrawn');
    expect(await handle.result()).toEqual(PAID);
    expect((await workflows.eventsOf(handle)).tasks).toBe(2);
    await keepHistory(handle, 'paid-action-withdrawal');
  });

  it('a withdrawal that is paid before its workflow begins takes one', async () => {
    const { hash, bolt11 } = await withdrawing.invoice();
    const { view } = await withdrawing.open(await withdrawing.rich(), bolt11);
    await makeCall(at.fixture.engine, 'send_payment', hash);
    const handle = await workflows.start({ actionId: view.id, attempt: 1 });
    expect(await handle.result()).toEqual(PAID);
    expect((await workflows.eventsOf(handle)).tasks).toBe(1);
  });
});
