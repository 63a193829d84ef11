import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { System } from '../e2e/system.helper.js';
import { waitUntil } from '../support/wait-until.js';
import { account } from './store/account.js';
import { Month, RATE, STORE } from './store/month.js';

/** Ten minutes are a month; fewer are as many days less. */
const MINUTES = Math.min(10, Number(process.env['CHAOS_MINUTES'] ?? 10));
const DAYS = (MINUTES * 60 * RATE) / 86_400;
const SEED = Number(process.env['CHAOS_SEED'] ?? 1);
const OUTAGE_MS = 3_000;

let system: System;
let month: Month;
beforeAll(async () => {
  // The sweep's grace is ours, and the store's hours are seconds.
  system = await System.start();
  month = new Month(system);
});
afterAll(async () => {
  await month.stop();
  await system.stop();
});

it(`${DAYS.toFixed(1)} days of a store: every lost order is found, and none is made up, seed ${SEED}`, async () => {
  await month.open();
  await month.control.setFaults({
    seed: SEED,
    // About two in a hundred, five in a row.
    deliveries: { burst: { probability: 0.004, length: 5 }, double: 0.02 },
  });
  await month.control.startScenario({
    ...{ seed: SEED, days: DAYS, ordersPerDay: 120 },
    imports: [{ afterDays: DAYS * 0.35, ids: 80_000 }],
  });
  await month.at(DAYS * 0.2);
  await switchOff('order.updated');
  await month.at(DAYS * 0.5);
  await outageOfOurs();
  await month.at(DAYS * 0.65);
  await system.servers.postgres.stop();
  await pause(OUTAGE_MS);
  await system.servers.postgres.start();
  await month.at(DAYS * 0.8);
  await system.servers.nats.stop();
  await pause(OUTAGE_MS);
  await system.servers.nats.start();
  await month.at(DAYS * 0.9);
  system.kill('worker');
  await month.at(DAYS);
  await month.control.stopScenario();
  await month.control.setFaults();
  await month.settled().catch(async (error: unknown) => {
    const { rows } = await system.pool.query('select * from store_tasks where store = $1', [STORE]);
    process.stdout.write(`${JSON.stringify(rows)}\n`);
    report(await account(month));
    throw error;
  });
  const found = await account(month);
  report(found);
  expect(found.missed).toEqual([]);
  expect(found.different).toEqual([]);
  expect([found.invented, found.untrue, found.untold]).toEqual([[], [], []]);
  expect(found.lostOrders).toBeGreaterThan(0);
  // Two looks and the grace, with what an outage of ours adds.
  expect(found.delays.at(-1)).toBeLessThan(48);
}, 1_200_000);

async function switchOff(topic: string): Promise<void> {
  month.mends = false;
  for (const webhook of await month.control.webhooks()) {
    if (webhook.topic === topic)
      await month.control.changeWebhook(webhook.id, { status: 'disabled' });
  }
  // Half a day of the store.
  await pause((43_200 / RATE) * 1000);
  await waitUntil('the incident is open', async () => {
    const { rowCount } = await system.pool.query(
      `select from incidents where store = $1 and kind = 'webhook_off'`,
      [STORE],
    );
    return (rowCount ?? 0) > 0;
  });
  month.mends = true;
}

/** The API and the relay hang for hours of the store, and are killed. */
async function outageOfOurs(): Promise<void> {
  const { api, relay } = system.processes;
  const pids = [api, relay].flatMap(({ pid }) => pid ?? []);
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  await pause(OUTAGE_MS);
  for (const pid of pids) process.kill(pid, 'SIGKILL');
}

function report(found: Awaited<ReturnType<typeof account>>): void {
  const { placed, deliveries, undelivered, lostOrders, delays, findings, incidents } = found;
  const hours = (share: number): string =>
    (delays[Math.floor(share * (delays.length - 1))] ?? NaN).toFixed(1);
  process.stdout.write(
    [
      `${placed} orders placed, ${deliveries} deliveries, ${undelivered} of them did not arrive`,
      `${lostOrders} orders of which none did; taken in after ${hours(0.5)} h (median), ${hours(0.9)} h (90 %), ${hours(1)} h (longest)`,
      `their delays in hours: ${delays.map((delay) => delay.toFixed(1)).join(' ')}`,
      `findings: ${JSON.stringify(findings)}; incidents: ${JSON.stringify(incidents)}`,
      '',
    ].join('\n'),
  );
}
