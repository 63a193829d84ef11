import { afterAll, beforeAll, expect, it } from 'vitest';
import { account } from '../soak/store/account.js';
import { Month, STORE } from '../soak/store/month.js';
import { System } from './system.helper.js';

/** Its store is as fast as that of the soak: a day is 20 seconds. */
const DAYS = 1.5;
const SEED = 3;

let system: System;
let month: Month;
beforeAll(async () => {
  system = await System.start();
  month = new Month(system);
});
afterAll(async () => {
  await month.stop();
  await system.stop();
});

it('a day of a store, through HTTP, NATS and workflows: lost orders are found, and none is made up', async () => {
  await month.open();
  await month.control.setFaults({
    seed: SEED,
    deliveries: { burst: { probability: 0.02, length: 5 }, double: 0.02 },
  });
  await month.control.startScenario({ seed: SEED, days: DAYS, ordersPerDay: 120 });
  await month.at(DAYS / 2);
  // Deliveries wait in PostgreSQL, and in INTAKE once it is back.
  await system.servers.nats.stop();
  await system.servers.nats.start();
  await month.at(DAYS);
  await month.control.stopScenario();
  await month.control.setFaults();
  await month.settled();
  const found = await account(month);
  expect([found.missed, found.different, found.invented]).toEqual([[], [], []]);
  expect([found.untrue, found.untold]).toEqual([[], []]);
  expect(found.lostOrders).toBeGreaterThan(0);
  // They came by way of INTAKE.
  const { rows } = await system.pool.query<{ count: number }>(
    `select count(*)::int as count from applied_messages where consumer = 'intake'`,
  );
  expect(rows[0]?.count).toBeGreaterThan(0);
  // Somebody is told, once per cause: the incident's orders are those that were lost.
  const incidents = await system.pool.query<{ kind: string }>(
    `select distinct kind from incidents where store = $1 and kind in ('orders_lost', 'created_missing')`,
    [STORE],
  );
  expect(incidents.rows.length).toBeGreaterThan(0);
}, 300_000);
