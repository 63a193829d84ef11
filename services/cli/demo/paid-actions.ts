import { type Action, type QuittanceClient, QuittanceError } from '@quittance/sdk';
import { expectThat } from './script.js';
import type { Stage } from './stage.js';

const POST = {
  title: 'Quittance: a paper that says a debt is discharged',
  text: 'Whoever holds it need not pay again.',
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
  expectThat(itemId !== undefined, 'the action made no item');
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
  expectThat((await sees(viewer, itemId)) === seen, seen ? 'it is not there' : 'it is there');
}

const brief = (bolt11: string): string => `${bolt11.slice(0, 22)}…`;

/** Pays and waits for the event, then looks the action up. */
async function payAndSee(
  { script, pay, events }: Stage,
  action: Action,
  read: () => Promise<Action>,
): Promise<void> {
  const subject = `actions.${action.type.toLowerCase()}.paid`;
  await script.step('the wallet pays, and PAID is on NATS', async () => {
    await pay(bolt11Of(action));
    await events.find(subject, ({ ['actionId']: id }) => id === action.id);
  });
  await script.step('the API says so, too', async () => {
    const { state } = await read();
    expectThat(state === 'PAID', `the action is ${state}`);
  });
}

/** A post paid by invoice: its author sees it at once, others when it is paid. Returns the item. */
export async function postByInvoice(stage: Stage): Promise<string> {
  const { script, alice, bob } = stage;
  script.chapter('A post, paid by invoice');
  const { action } = await script.step(
    'alice posts and gets an invoice',
    () => alice.openAction({ type: 'ITEM_CREATE', args: POST, payment: 'invoice' }),
    (opened) => `${opened.action.costMsat} msat, ${brief(bolt11Of(opened.action))}`,
  );
  const itemId = itemOf(action);
  await script.step('alice sees her post', () => expectSeen(alice, itemId, true));
  await script.step('bob does not see it yet', () => expectSeen(bob, itemId, false));
  await payAndSee(stage, action, () => alice.getAction(action.id));
  await script.step('bob sees it', () => expectSeen(bob, itemId, true));
  return itemId;
}

/** A post whose invoice expires; retried, and paid then. */
export async function postPaidLate(stage: Stage): Promise<void> {
  const { script, alice, bob, events } = stage;
  script.chapter('A post whose invoice expires');
  const { action } = await script.step('alice posts; her invoice lives for two seconds', () =>
    alice.openAction({
      type: 'ITEM_CREATE',
      args: FORGOTTEN_POST,
      payment: 'invoice',
      invoiceExpirySeconds: 2,
    }),
  );
  await script.step(
    'nobody pays, and FAILED is on NATS',
    () => events.find('actions.item_create.failed', ({ ['actionId']: id }) => id === action.id),
    ({ payload }) => String(payload['reason']),
  );
  const itemId = itemOf(action);
  await script.step('alice finds it among her failed actions', async () => {
    const { actions } = await alice.listActions({ state: 'failed' });
    expectThat(
      actions.some(({ id }) => id === action.id),
      'it is not there',
    );
  });
  await script.step('nobody else sees it', () => expectSeen(bob, itemId, false));
  const retried = await script.step(
    'she retries, and gets another invoice',
    () => alice.retryAction(action.id, 1, { payment: 'invoice' }),
    (again) => `attempt ${again.attempts.length}, ${brief(bolt11Of(again))}`,
  );
  await payAndSee(stage, retried, () => alice.getAction(action.id));
  await script.step('now bob sees it', () => expectSeen(bob, itemId, true));
}

/** A zap by credits: performed, paid and visible in the transaction that opens it. */
export async function zapByCredits(
  { script, alice, bob, operator, events }: Stage,
  itemId: string,
): Promise<void> {
  script.chapter('A zap, paid by credits');
  await script.step('an operator grants bob 1,000 sats of credits', () =>
    operator.grantCredits('bob', { amountMsat: '1000000', reason: 'the demo' }),
  );
  const before = await alice.me();
  const { action } = await script.step(
    "bob zaps alice's post with 100 sats, and it is paid",
    () => bob.openAction({ type: 'ZAP', args: { itemId, sats: 100 } }),
    (opened) => opened.action.state,
  );
  await script.step('PAID is on NATS', () =>
    events.find('actions.zap.paid', ({ ['actionId']: id }) => id === action.id),
  );
  await script.step(
    'alice got her 70 %',
    async () => {
      const got = BigInt((await alice.me()).creditsMsat) - BigInt(before.creditsMsat);
      expectThat(got === 70_000n, `she got ${got} msat`);
      return got;
    },
    (got) => `${got} msat`,
  );
}

/** A zap by somebody without an account: the money is held, the zap performed, then the money is taken. */
export async function zapByAnonymous(stage: Stage, itemId: string): Promise<void> {
  const { script, anonymous, bob, events } = stage;
  script.chapter('A zap by somebody without an account');
  const { action, capability } = await script.step(
    'they zap with 21 sats and get a hold invoice',
    () => anonymous.openAction({ type: 'ZAP', args: { itemId, sats: 21 } }),
    (opened) => `${opened.action.state}, ${brief(bolt11Of(opened.action))}`,
  );
  expectThat(capability !== undefined, 'there is no capability');
  const zaps = (await bob.getItem(itemId)).zaps;
  await payAndSee(stage, action, () => anonymous.getAction(action.id, { capability }));
  await script.step('the money was held before it was taken', () =>
    events.find('actions.zap.held', ({ ['actionId']: id }) => id === action.id),
  );
  await script.step("the item's counters have it", async () => {
    const item = await bob.getItem(itemId);
    expectThat(item.zaps === zaps + 1, `it has ${item.zaps} zaps`);
  });
  await script.step('without the capability nobody sees the action', async () => {
    const seen = await anonymous.getAction(action.id).then(
      () => true,
      () => false,
    );
    expectThat(!seen, 'it is there');
  });
}
