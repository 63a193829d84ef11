import { afterAll, beforeAll, expect, it } from 'vitest';
import { streamNames } from '../../services/shared/streams.js';
import { System } from '../e2e/system.helper.js';
import { failedChecks, waitUntilIdle } from '../support/health.js';
import { NatsCluster } from '../support/nats-cluster.js';
import { waitUntil } from '../support/wait-until.js';
import { payUntil, postInStorm } from './storm/pay-steadily.js';
import { STORM_ENVIRONMENT } from './storm/storm.js';

const KILLS = Number(process.env['CLUSTER_KILLS'] ?? 20);
/** Events must be published again so soon after a leader was killed. */
const PUBLISHING_MS = 10_000;
const PAUSE_MS = 15_000;

let cluster: NatsCluster;
let system: System;
beforeAll(async () => {
  cluster = await NatsCluster.start();
  system = await System.start({
    environment: { ...STORM_ENVIRONMENT, NATS_URL: cluster.url, QUITTANCE_NATS_REPLICAS: '3' },
  });
});
afterAll(async () => {
  await system.stop();
  await cluster.stop();
});

/** How many events have reached NATS. */
async function published(): Promise<bigint> {
  const { rows } = await system.pool.query<{ count: bigint }>(
    `select count(*) as count from outbox where destination = 'nats' and published_at is not null`,
  );
  return rows[0]?.count ?? 0n;
}

async function untilPublishing(): Promise<number> {
  const before = await published();
  const since = performance.now();
  await waitUntil('events are published', async () => (await published()) > before, 60_000);
  return performance.now() - since;
}

async function untilWhole(): Promise<void> {
  for (const name of streamNames()) {
    await waitUntil(
      `${name} has three copies`,
      () => cluster.isWhole(name).catch(() => false),
      60_000,
    );
  }
}

it(`of three NATS servers the leader is killed ${KILLS} times, and one is cut off: every payment counts once`, async () => {
  await untilWhole();
  const itemId = await postInStorm(system);
  let over = false;
  const paying = payUntil(system, { client: system.client(), itemId, everyMs: 400 }, () => over);
  const waits: number[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    const stream = kill % 3 === 2 ? 'ACTIONS' : 'PAYMENTS';
    const leader = await cluster.leaderOf(stream);
    await cluster.signal(leader, 'SIGKILL');
    waits.push(await untilPublishing());
    cluster.startServer(leader);
    await untilWhole();
  }
  // A server that does not answer is like one that is cut off.
  const cutOff = await cluster.leaderOf('PAYMENTS');
  await cluster.signal(cutOff, 'SIGSTOP');
  waits.push(await untilPublishing());
  const until = performance.now() + PAUSE_MS;
  await waitUntil('the pause is over', () => performance.now() > until, PAUSE_MS * 2);
  await cluster.signal(cutOff, 'SIGCONT');
  await untilWhole();
  over = true;
  const paid = await paying;
  const sorted = waits.map(Math.round).sort((a, b) => a - b);
  process.stdout.write(
    `${paid.length} payments, ${KILLS} leaders killed, one cut off; published again after ${sorted.join(', ')} ms\n`,
  );
  expect(paid.filter(({ state }) => state !== 'PAID')).toEqual([]);
  expect(sorted.at(-1)).toBeLessThan(PUBLISHING_MS);
  await waitUntilIdle(system, 300_000);
  expect(await failedChecks(system)).toEqual([]);
});
