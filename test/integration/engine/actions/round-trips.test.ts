import { afterAll, beforeAll, expect, it } from 'vitest';
import { applyInvoiceUpdate } from '../../../../engine/incoming/apply-invoice-update.js';
import { makeCall } from '../../../../engine/incoming/make-call.js';
import { openWithdrawal } from '../../../../engine/actions/outgoing/open-withdrawal.js';
import { transact } from '../../../../engine/context.js';
import { markRows } from '../../../../services/relay/outbox/leases.js';
import { takeNodeCalls } from '../../../../services/relay/outbox/node/take-calls.js';
import { takeRuns } from '../../../../services/relay/outbox/take-rows.js';
import { CountedEngine, type Trips } from './round-trips.helper.js';
import { Withdrawing } from './withdrawing.helper.js';
import { Wrapping } from './wrapping.helper.js';

let at: Wrapping;
let withdrawing: Withdrawing;
let counted: CountedEngine;

beforeAll(async () => {
  at = await Wrapping.create();
  withdrawing = await Withdrawing.on(at.fixture, 'trips');
  counted = new CountedEngine(at.fixture.engine, at.fixture.databaseUrl);
});
afterAll(async () => {
  await counted.close();
  await at.fixture.close();
});

/** Waits in series, those for the node among them; docs/performance.md says what they are. One more is a decision. */
const WRAPPED_AT_MOST = 29;
const WITHDRAWAL_AT_MOST = 20;

const ROOM = { settling: 16, others: 12, all: 16 };
const TO_NATS = { name: 'nats', order: 'key', limits: { keys: 200, rows: 400 } } as const;

/** What a relay does until nothing is to be asked of the node: takes calls, makes them, and marks them while it takes the next. */
async function makeAllCalls(): Promise<void> {
  const { pool, engine } = counted;
  for (;;) {
    const calls = await takeNodeCalls(pool, ROOM, false);
    if (calls.length === 0) return;
    for (const call of calls) {
      await makeCall(engine, call.kind, call.hash);
      await markRows(pool, [{ row: call, done: true }]);
    }
  }
}

/** Connections are open and statements prepared from the second time on. */
async function secondTime(work: () => Promise<Trips>): Promise<Trips> {
  await work();
  return work();
}

it('a wrapped payment waits for few answers, one after the other, from held to PAID', async () => {
  const { itemId } = await at.payee('trips');
  const trips = await secondTime(async () => {
    const view = await at.zap(itemId);
    await at.fixture.pay(view);
    const update = { hash: at.hashOf(view), state: 'held', receivedMsat: view.costMsat } as const;
    const measured = await counted.of(async () => {
      await transact(counted.engine, (tx) => applyInvoiceUpdate(counted.engine, tx, update));
      await makeAllCalls();
      await takeRuns(counted.pool, TO_NATS);
    });
    expect((await at.fixture.view(view.id)).state).toBe('PAID');
    return measured;
  });
  // The node: look up and height, send, look up and height, settle.
  expect(trips).toMatchObject({ ofNode: 4, nodeCalls: 6 });
  expect(trips.inSeries, JSON.stringify(trips)).toBeLessThanOrEqual(WRAPPED_AT_MOST);
});

it('a withdrawal waits for few answers, one after the other, from the request to PAID', async () => {
  const account = await withdrawing.rich(1_000_000_000n);
  const trips = await secondTime(async () => {
    const { bolt11 } = await withdrawing.invoice();
    const measured = await counted.of(async () => {
      await openWithdrawal(counted.engine, { bolt11, caller: account });
      await makeAllCalls();
      await takeRuns(counted.pool, TO_NATS);
    });
    expect(await at.received('payee')).toBeGreaterThan(0n);
    return measured;
  });
  // The node: decode and identity, look up; identity beside the lease, send.
  expect(trips).toMatchObject({ nodeCalls: 5 });
  expect(trips.inSeries, JSON.stringify(trips)).toBeLessThanOrEqual(WITHDRAWAL_AT_MOST);
});
