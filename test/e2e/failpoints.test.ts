import { afterAll, beforeAll, expect, it } from 'vitest';
import { toMsat, ZERO_MSAT } from '../../domain/money.js';
import { FAILPOINTS } from '../../engine/failpoint.js';
import type { Processes } from '../../services/cli/up/processes.js';
import { failedChecks, waitUntilIdle } from '../support/health.js';
import { waitUntil } from '../support/wait-until.js';
import { startReceiver, type WebhookReceiver } from '../support/webhook-receiver.js';
import { killNow } from '../soak/chaos/fault-injection.js';
import { runScenarios } from './scenarios.helper.js';
import { readFailpointHits } from './failpoint-hits.helper.js';
import { System, WALLET } from './system.helper.js';

const TARGETS = ['api', 'worker', 'relay', 'lightning'] as const;
const SCENARIOS = 16;
const TIMEOUT_MS = 120_000;
/** A relay that ends ten times needs up to 12 s each time on a slow machine, most of it to load its modules. */
const ALL_HIT_MS = 240_000;
/** Longer than the time from the payment to the deadline below. */
const HELD_OPEN_MS = 6_000;
const EXPIRY_SECONDS = 3;
const PAYEE = 'payee-of-withdrawals';
const SATS = { asset: 'SATS', reason: 'a test' } as const;

let system: System;
let receiver: WebhookReceiver;

beforeAll(async () => {
  // An order whose answer was lost is placed again; the first one must expire within the test.
  const environment = {
    QUITTANCE_ORDER_INVOICE_EXPIRY_SECONDS: '15',
    QUITTANCE_WEBHOOK_NETWORKS: '127.0.0.0/8',
  };
  receiver = await startReceiver();
  system = await System.start({ environment });
});
afterAll(async () => {
  await system.stop();
  await receiver.stop();
});

it('every failpoint ends a process, and everything is finished nevertheless', async () => {
  let over = false;
  await restartArmed(TARGETS, onSecondPass(FAILPOINTS));
  const allHit = waitUntilAllHit();
  const run = await runScenarios(system, 'killed', SCENARIOS, () => !over);
  const others = Promise.all([cancelUntil(() => over), withdrawUntil(() => over)]);
  await allHit.finally(() => (over = true));
  const outcomes = await run.done;
  expect(Object.keys(outcomes).sort()).toEqual(['PAID', 'received']);
  await others;
  await waitUntilIdle(system, 90_000);
  expect(await failedChecks(system)).toEqual([]);
}, 480_000);

/** A process that ended at a failpoint restarts with those that have not been hit yet. */
async function waitUntilAllHit(): Promise<void> {
  let left: readonly string[] = FAILPOINTS;
  await waitUntil(
    'every failpoint was hit',
    async () => {
      const { exits } = await readFailpointHits(system);
      left = FAILPOINTS.filter((point) => !exits.has(point));
      system.arm(onSecondPass(left));
      return left.length === 0;
    },
    ALL_HIT_MS,
  ).catch((error: unknown) => {
    throw new Error(`not hit: ${left.join(', ')}`, { cause: error });
  });
}

/** A failpoint acts on its second pass, so that every restarted process makes some progress. */
function onSecondPass(points: readonly string[]): string[] {
  return points.map((point) => `${point}@2`);
}

/** Restarts processes with these failpoints. Other processes get them at their next start. */
async function restartArmed(
  targets: readonly (keyof Processes)[],
  points: readonly string[],
): Promise<void> {
  const before = targets.map((target) => system.processes[target].pid);
  system.arm(points);
  for (const target of targets) killNow(system.processes[target]);
  await waitUntil('they have started again', () =>
    targets.every((target, n) => system.processes[target].pid !== before[n]),
  );
}

/** Opens and cancels actions, of which a webhook tells, so that the failpoints of both are reached. */
async function cancelUntil(isOver: () => boolean): Promise<void> {
  const author = await system.account('cancels');
  await author.call('postWebhooks', { body: { url: receiver.url, events: ['action.*'] } });
  const args = { title: 'Never mind' };
  while (!isOver()) {
    const { action } = await author.openAction({ type: 'ITEM_CREATE', args, payment: 'invoice' });
    await author.cancelAction(action.id);
    const { state } = await author.waitForAction(action.id, { timeoutMs: TIMEOUT_MS });
    expect(state).toBe('FAILED');
  }
}

/** Withdraws, so that the failpoints of a payment to the outside are reached. */
async function withdrawUntil(isOver: () => boolean): Promise<void> {
  const name = 'withdraws';
  const account = await system.account(name);
  await system.operator.grantCredits(name, { ...SATS, amountMsat: '1000000000' });
  await system.wallets.open(PAYEE, ZERO_MSAT);
  while (!isOver()) {
    const invoice = { amountMsat: toMsat(1_000n), expirySeconds: 600, memo: name };
    const { bolt11 } = await system.wallets.createInvoice(PAYEE, invoice);
    const { id } = await account.withdraw({ bolt11 });
    const { state } = await account.waitForAction(id, { timeoutMs: TIMEOUT_MS });
    // The node may not have enough.
    expect(['PAID', 'FAILED']).toContain(state);
  }
}

it('a deadline that passes during the transaction of the payment has no effect', async () => {
  const author = await system.account('just-in-time');
  await restartArmed(['relay'], [`in-message-transaction~${HELD_OPEN_MS}`]);
  const { action } = await author.openAction({
    type: 'ITEM_CREATE',
    args: { title: 'Just in time' },
    payment: 'invoice',
    invoiceExpirySeconds: EXPIRY_SECONDS,
  });
  const bolt11 = action.attempts[0]?.invoice?.bolt11 ?? '';
  await system.wallets.pay(WALLET, bolt11);
  await waitUntil('the transaction is open', async () => {
    const { waits } = await readFailpointHits(system);
    return waits.has('in-message-transaction');
  });
  // The workflow asks the node at the deadline, and waits for the row lock or is the one that applies the answer.
  const { rows } = await system.pool.query<{ state: string; passed: boolean }>(
    `select state, pg_sleep_until(deadline_at + interval '1 second')::text = '' as passed
     from attempts where action_id = $1`,
    [action.id],
  );
  expect(rows).toEqual([{ state: 'PENDING', passed: true }]);
  expect((await author.waitForAction(action.id)).state).toBe('PAID');
  await restartArmed(['relay'], []);
  await waitUntilIdle(system, 60_000);
  expect(await failedChecks(system)).toEqual([]);
});
