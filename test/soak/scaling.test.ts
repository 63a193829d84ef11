import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { System } from '../e2e/system.helper.js';
import { failedChecks, waitUntilIdle } from '../support/health.js';
import { waitUntil } from '../support/wait-until.js';
import { Autoscaler } from './rollout/autoscaler.js';
import {
  cancelAll,
  createdPerSecond,
  databaseClock,
  holdRows,
  letGo,
  openMany,
  slowNode,
  untilOverdue,
  waiting,
} from './rollout/backlog.js';
import { THIS_BUILD } from './rollout/build.js';
import { Fleet } from './rollout/fleet.js';

const CALL_MS = 200;
const ENVIRONMENT = {
  ...{ QUITTANCE_WORKER_ACTIVITY_SLOTS: '4', QUITTANCE_CREATION_SECONDS: '900' },
  ...{ QUITTANCE_UNPAID_LIMIT: '0', QUITTANCE_INVOICE_EXPIRY_SECONDS: '3600' },
  // Whoever waits here waits for a free slot, and is not overdue.
  QUITTANCE_SWEEP_GRACE_SECONDS: '900',
};
const IDLE_MS = 600_000;
/** So many workflows are under way all the time: more than two workers have slots for. */
const UNDER_WAY = 150;
const BACKLOG = 1_200;

let system: System;
let fleet: Fleet;

beforeAll(async () => {
  system = await System.start({ environment: ENVIRONMENT });
  fleet = new Fleet(system, []);
  await fleet.start(THIS_BUILD, ['worker', 'relay'], 0);
});
afterAll(async () => {
  // The system itself ends last, whatever has failed.
  await fleet.stop().finally(() => system.stop());
});

const say = (line: string): void => void process.stdout.write(`scaling: ${line}\n`);
const shown = (rates: readonly number[]): string =>
  rates.map((rate) => `${rate.toFixed(1)}/s`).join(', ');

/** Attempts whose workflows wait for a worker, and make their calls as soon as they get one. */
async function backlogForWorkers(name: string, count: number, callMs = CALL_MS): Promise<void> {
  await holdRows(system, ['node']);
  await fleet.scale(THIS_BUILD, 'worker', 0);
  await fleet.scale(THIS_BUILD, 'relay', 1);
  await openMany(system, name, count);
  await untilOverdue(system);
  await waitUntil('Temporal has all workflows', () => noStartWaits(), 60_000);
  await slowNode(system, callMs);
}

async function noStartWaits(): Promise<boolean> {
  const { rowCount } = await system.pool.query(
    `select from outbox where destination = 'temporal' and published_at is null limit 1`,
  );
  return rowCount === 0;
}

/**
 * With calls of 200 ms four workers would finish 80 in a second, and two cores that they share with Temporal's server let 20 to 40 through: that
 * case fails on two cores. With calls of 1,600 ms (2.5, 5 and 10 in a second) the machine is not the limit.
 */
test.each([
  { callMs: CALL_MS, count: 150 },
  { callMs: 1_600, count: 50 },
])(
  'with 4 slots for calls of $callMs ms, twice the workers finish twice as many',
  async ({ callMs, count }) => {
    const rates: number[] = [];
    for (const workers of [1, 2, 4]) {
      await backlogForWorkers(`workers-${callMs}-${workers}`, count * workers + 50, callMs);
      await fleet.scale(THIS_BUILD, 'worker', workers);
      rates.push(await createdPerSecond(system));
    }
    say(`calls of ${callMs} ms; 1, 2 and 4 workers: ${shown(rates)}`);
    const [one = NaN, two = NaN, four = NaN] = rates;
    expect(two / one).toBeGreaterThanOrEqual(1.8);
    expect(four / one).toBeGreaterThanOrEqual(3.2);
  },
);

test('a worker that is told to stop, and one that is killed, in the middle lose nothing', async () => {
  await backlogForWorkers('scale-in', 400);
  await fleet.scale(THIS_BUILD, 'worker', 4);
  await waitUntil('some are done', async () => (await waiting(system)) < 300, 60_000);
  const [, , last] = fleet.of('worker');
  last?.process.kill();
  await fleet.scale(THIS_BUILD, 'worker', 2);
  say(`scaled in with ${await waiting(system)} of 400 open`);
  await fleet.scale(THIS_BUILD, 'worker', 1);
  await waitUntil('all invoices are created', async () => (await waiting(system)) === 0, 120_000);
  const { rows } = await system.pool.query<{ hash: string }>(
    `select hash from invoices where bolt11 is null and state <> 'canceled'`,
  );
  expect(rows).toEqual([]);
});

/** As above: with calls of 200 ms two relays need more than two slow cores. */
test.each([CALL_MS, 500])('twice the relays make twice the calls of %i ms', async (callMs) => {
  const rates: number[] = [];
  await fleet.scale(THIS_BUILD, 'worker', 0);
  for (const relays of [1, 2]) {
    await holdRows(system, ['temporal']);
    await fleet.scale(THIS_BUILD, 'relay', 0);
    await openMany(system, `relays-${callMs}-${relays}`, 100 + 300 * relays);
    await slowNode(system, callMs);
    await fleet.scale(THIS_BUILD, 'relay', relays);
    rates.push(await createdPerSecond(system));
  }
  say(`calls of ${callMs} ms; 1 and 2 relays: ${shown(rates)}`);
  const [one = NaN, two = NaN] = rates;
  expect(two / one).toBeGreaterThanOrEqual(1.8);
});

test('an autoscaler that reads /metrics goes up and back to two, once', async () => {
  await holdRows(system, ['node', 'temporal']);
  await fleet.scale(THIS_BUILD, 'relay', 1);
  const since = await databaseClock(system);
  await openMany(system, 'autoscaler', BACKLOG);
  await untilOverdue(system);
  await slowNode(system, CALL_MS);
  await fleet.scale(THIS_BUILD, 'worker', 2);
  const scaler = new Autoscaler({
    ...{ minimum: 2, maximum: 4, slotsInUsePercent: 60 },
    // A tenth of that of Kubernetes, as the load is.
    stabilizationMs: 30_000,
  });
  const replicas = [2];
  const startedAt = performance.now();
  const quiet = { since: Infinity };
  let gone = 0;
  while (performance.now() - quiet.since < 45_000) {
    const finished = BACKLOG - (await waiting(system));
    const due = UNDER_WAY - (gone - finished);
    if (due > 0) gone += await letGo(system, 'temporal', due, since);
    const metrics = await fleet.metrics('worker');
    const wanted = scaler.decide(performance.now(), metrics);
    if (wanted !== replicas.at(-1)) replicas.push(wanted);
    await fleet.scale(THIS_BUILD, 'worker', wanted);
    if ((await waiting(system)) === 0 && quiet.since === Infinity) quiet.since = performance.now();
    expect(performance.now() - startedAt).toBeLessThan(300_000);
    await pause(1_000);
  }
  say(`autoscaler: ${replicas.join(' → ')}`);
  const top = replicas.indexOf(Math.max(...replicas));
  expect(replicas[top]).toBeGreaterThan(2);
  expect(replicas.at(-1)).toBe(2);
  expect(replicas.slice(0, top + 1)).toEqual([...replicas.slice(0, top + 1)].sort());
  expect(replicas.slice(top)).toEqual([...replicas.slice(top)].sort().reverse());
});

test('nothing is left at the end', async () => {
  await holdRows(system, []);
  await system.node.clearFaults();
  await letGo(system, 'node', 1_000_000);
  await letGo(system, 'temporal', 1_000_000);
  await fleet.scale(THIS_BUILD, 'worker', 2);
  await cancelAll();
  await waitUntilIdle(system, IDLE_MS);
  expect(await failedChecks(system)).toEqual([]);
});
