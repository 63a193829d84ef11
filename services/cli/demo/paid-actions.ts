import { type Action, type QuittanceClient, QuittanceError } from '@quittance/sdk';
import { expectThat } from './steps.js';
import type { DemoSetup } from './setup.js';

const POST = {
  title: 'Quittance: a paper that says a debt is discharged',
  text: 'Its holder need not pay again.',
};
const FORGOTTEN_POST = { title: 'A post that its author forgot to pay for', text: 'At first.' };

/** The invoice of the newest attempt. */
function bolt11Of(action: Action): string {
  const bolt11 = action.attempts.at(-1)?.invoice?.bolt11;
  expectThat(typeof bolt11 === 'string', `no invoice: the action is ${action.state}`);
  return bolt11;
}

function itemOf(action: Action): string {
  const { itemId } = action.result;
  expectThat(itemId !== undefined, 'the action has no item');
  return itemId;
}

async function sees(viewer: QuittanceClient, itemId: string): Promise<boolean> {
  try {
    return (await viewer.getItem(itemId)).id === itemId;
  } catch (error) {
    if (error instanceof QuittanceError && error.status === 404) return false;
    throw error;
  }
}

async function expectSeen(viewer: QuittanceClient, itemId: string, seen: boolean): Promise<void> {
  expectThat(
    (await sees(viewer, itemId)) === seen,
    seen ? 'the item is not visible' : 'the item is visible',
  );
}

const brief = (bolt11: string): string => `${bolt11.slice(0, 22)}…`;

/** Pays, waits for the event, then reads the action. */
export async function payAndSee(
  { steps, pay, events }: DemoSetup,
  action: Action,
  read: () => Promise<Action>,
): Promise<void> {
  const subject = `actions.${action.type.toLowerCase()}.paid`;
  await steps.run('the wallet pays, and PAID is on NATS', async () => {
    await pay(bolt11Of(action));
    await events.find(subject, ({ ['actionId']: id }) => id === action.id);
  });
  await steps.run('the API shows PAID', async () => {
    const { state } = await read();
    expectThat(state === 'PAID', `the action is ${state}`);
  });
}

/** A post paid by invoice: its author sees it at once, others when it is paid. Returns the item. */
export async function postByInvoice(setup: DemoSetup): Promise<string> {
  const { steps, alice, bob } = setup;
  steps.scenario('A post, paid by invoice');
  const { action } = await steps.run(
    'alice posts and gets an invoice',
    () => alice.openAction({ type: 'ITEM_CREATE', args: POST, payment: 'invoice' }),
    (opened) => `${opened.action.costMsat} msat, ${brief(bolt11Of(opened.action))}`,
  );
  const itemId = itemOf(action);
  await steps.run('alice sees her post', () => expectSeen(alice, itemId, true));
  await steps.run('bob does not see it yet', () => expectSeen(bob, itemId, false));
  await payAndSee(setup, action, () => alice.getAction(action.id));
  await steps.run('bob sees it', () => expectSeen(bob, itemId, true));
  return itemId;
}

/** A post whose invoice expires; it is retried and paid. */
export async function postPaidLate(setup: DemoSetup): Promise<void> {
  const { steps, alice, bob, events } = setup;
  steps.scenario('A post whose invoice expires');
  const { action } = await steps.run('alice posts; her invoice expires after two seconds', () =>
    alice.openAction({
      type: 'ITEM_CREATE',
      args: FORGOTTEN_POST,
      payment: 'invoice',
      invoiceExpirySeconds: 2,
    }),
  );
  await steps.run(
    'nobody pays, and FAILED is on NATS',
    () => events.find('actions.item_create.failed', ({ ['actionId']: id }) => id === action.id),
    ({ payload }) => String(payload['reason']),
  );
  const itemId = itemOf(action);
  await steps.run('alice finds it among her failed actions', async () => {
    const { actions } = await alice.listActions({ state: 'failed' });
    expectThat(
      actions.some(({ id }) => id === action.id),
      'the action is not in the list',
    );
  });
  await steps.run('bob does not see it', () => expectSeen(bob, itemId, false));
  const retried = await steps.run(
    'she retries and gets a new invoice',
    () => alice.retryAction(action.id, 1, { payment: 'invoice' }),
    (again) => `attempt ${again.attempts.length}, ${brief(bolt11Of(again))}`,
  );
  await payAndSee(setup, retried, () => alice.getAction(action.id));
  await steps.run('now bob sees it', () => expectSeen(bob, itemId, true));
}

/** A zap by credits: performed, paid and visible in the transaction that opens it. */
export async function zapByCredits(
  { steps, names, alice, bob, operator, events }: DemoSetup,
  itemId: string,
): Promise<void> {
  steps.scenario('A zap, paid by credits');
  await steps.run('an operator grants bob 1,000 sats of credits', () =>
    operator.grantCredits(names.bob, { amountMsat: '1000000', reason: 'the demo' }),
  );
  const before = await alice.me();
  const { action } = await steps.run(
    "bob zaps alice's post with 100 sats, and it is paid",
    () => bob.openAction({ type: 'ZAP', args: { itemId, sats: 100 } }),
    (opened) => opened.action.state,
  );
  await steps.run('PAID is on NATS', () =>
    events.find('actions.zap.paid', ({ ['actionId']: id }) => id === action.id),
  );
  await steps.run(
    'alice received her 70 %',
    async () => {
      const got = BigInt((await alice.me()).creditsMsat) - BigInt(before.creditsMsat);
      expectThat(got === 70_000n, `she received ${got} msat`);
      return got;
    },
    (got) => `${got} msat`,
  );
  await steps.run(
    'alice is told of it by a notice',
    async () => {
      await events.find('actions.notice.written', ({ ['accounts']: told }) =>
        isListed(told, before.id),
      );
      const { notices } = await alice.call('getNotices', {});
      const notice = notices.find(({ kind, itemId: of }) => kind === 'ZAP' && of === itemId);
      expectThat(notice?.by === names.bob, 'there is no notice of it');
      return notice;
    },
    ({ kind, amountMsat }) => `${kind}, ${amountMsat} msat`,
  );
}

const isListed = (list: unknown, id: string): boolean => Array.isArray(list) && list.includes(id);

/** An anonymous zap: the payment is held, the zap is performed, then the invoice is settled. */
export async function zapByAnonymous(setup: DemoSetup, itemId: string): Promise<void> {
  const { steps, anonymous, bob, events } = setup;
  steps.scenario('An anonymous zap, paid by hold invoice');
  const { action, capability } = await steps.run(
    'a caller without an account zaps 21 sats and gets a hold invoice',
    () => anonymous.openAction({ type: 'ZAP', args: { itemId, sats: 21 } }),
    (opened) => `${opened.action.state}, ${brief(bolt11Of(opened.action))}`,
  );
  expectThat(capability !== undefined, 'the answer has no capability');
  const zaps = (await bob.getItem(itemId)).zaps;
  await payAndSee(setup, action, () => anonymous.getAction(action.id, { capability }));
  await steps.run('the payment was held before it was settled', () =>
    events.find('actions.zap.held', ({ ['actionId']: id }) => id === action.id),
  );
  await steps.run("the zap is in the item's counters", async () => {
    const item = await bob.getItem(itemId);
    expectThat(item.zaps === zaps + 1, `it has ${item.zaps} zaps`);
  });
  await steps.run('without the capability the action is not visible', async () => {
    const seen = await anonymous.getAction(action.id).then(
      () => true,
      () => false,
    );
    expectThat(!seen, 'the action is visible');
  });
}
