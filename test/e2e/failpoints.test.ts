import { afterAll, beforeAll, expect, it } from 'vitest';
import { FAILPOINTS } from '../../engine/failpoint.js';
import type { Processes } from '../../services/cli/up/processes.js';
import { illnesses, waitForRest } from '../support/health.js';
import { waitUntil } from '../support/wait-until.js';
import { killNow } from '../soak/chaos/script.js';
import { tellStories } from './scenarios.helper.js';
import { readStrikes } from './faults.helper.js';
import { System, WALLET } from './system.helper.js';

const VICTIMS = ['api', 'worker', 'relay', 'lightning'] as const;
const STORIES = 16;
const PATIENCE_MS = 120_000;
/** Longer than the deadline below is away once its invoice is paid. */
const HELD_OPEN_MS = 6_000;
const EXPIRY_SECONDS = 3;

let system: System;

beforeAll(async () => {
  // An order whose answer was lost is placed again: the first one has to expire within the test.
  const environment = { QUITTANCE_ORDER_INVOICE_EXPIRY_SECONDS: '15' };
  system = await System.start({ environment });
});
afterAll(() => system.stop());

it('killed in the middle of things, at every failpoint there is', async () => {
  let over = false;
  await restartArmed(VICTIMS, twice(FAILPOINTS));
  const allHaveStruck = untilNoneIsLeft();
  const run = await tellStories(system, 'killed', STORIES, () => !over);
  const cancels = cancelUntil(() => over);
  await allHaveStruck.finally(() => (over = true));
  const outcomes = await run.done;
  expect(Object.keys(outcomes).sort()).toEqual(['PAID', 'received']);
  await cancels;
  await waitForRest(system, 90_000);
  expect(await illnesses(system)).toEqual([]);
});

/** Who has died at one of them starts again, a moment later, with those that are left. */
async function untilNoneIsLeft(): Promise<void> {
  let left: readonly string[] = FAILPOINTS;
  await waitUntil(
    'somebody has died at each failpoint',
    async () => {
      const { deaths } = await readStrikes(system);
      left = FAILPOINTS.filter((point) => !deaths.has(point));
      system.arm(twice(left));
      return left.length === 0;
    },
    PATIENCE_MS,
  ).catch((error: unknown) => {
    throw new Error(`nobody died at ${left.join(', ')}`, { cause: error });
  });
}

/** The first time they are let pass, so that each of their lives gets something done. */
function twice(points: readonly string[]): string[] {
  return points.map((point) => `${point}@2`);
}

/** Those who start from now on have these failpoints. */
async function restartArmed(
  victims: readonly (keyof Processes)[],
  points: readonly string[],
): Promise<void> {
  const before = victims.map((victim) => system.processes[victim].pid);
  system.arm(points);
  for (const victim of victims) killNow(system.processes[victim]);
  await waitUntil('they have started again', () =>
    victims.every((victim, n) => system.processes[victim].pid !== before[n]),
  );
}

/** There must be something to be cancelled, or nobody dies of it. */
async function cancelUntil(isOver: () => boolean): Promise<void> {
  const author = await system.account('cancels');
  const args = { title: 'Never mind' };
  while (!isOver()) {
    const { action } = await author.openAction({ type: 'ITEM_CREATE', args, payment: 'invoice' });
    await author.cancelAction(action.id);
    const { state } = await author.waitForAction(action.id, { timeoutMs: PATIENCE_MS });
    expect(state).toBe('FAILED');
  }
}

it('a deadline that passes in the middle of the payment’s transaction comes too late', async () => {
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
    const { waits } = await readStrikes(system);
    return waits.has('in-message-transaction');
  });
  // The owner looks at it when its time is up, and finds the row locked.
  const { rows } = await system.pool.query<{ state: string; passed: boolean }>(
    `select state, pg_sleep_until(deadline_at + interval '1 second')::text = '' as passed
     from attempts where action_id = $1`,
    [action.id],
  );
  expect(rows).toEqual([{ state: 'PENDING', passed: true }]);
  expect((await author.getAction(action.id)).state).toBe('PENDING');
  expect((await author.waitForAction(action.id)).state).toBe('PAID');
  await restartArmed(['relay'], []);
  await waitForRest(system, 60_000);
  expect(await illnesses(system)).toEqual([]);
});
