import { afterAll, beforeAll, expect, it } from 'vitest';
import { streamNames } from '../../services/shared/streams.js';
import { System } from '../e2e/system.helper.js';
import { failedChecks, waitUntilIdle } from '../support/health.js';
import { NatsCluster } from '../support/nats-cluster.js';
import { waitUntil } from '../support/wait-until.js';
import { databaseClock } from './rollout/backlog.js';
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

/** Whether an event that was written since then has reached NATS. */
async function isPublishedSince(since: Date): Promise<boolean> {
  const { rows } = await system.pool.query(
    `select from outbox
     where destination = 'nats' and published_at is not null and created_at > $1 limit 1`,
    [since],
  );
  return rows.length > 0;
}

interface Wait {
  /** Until NATS had elected what a payment passes: until then nobody can publish. */
  readonly electedMs: number;
  readonly publishedMs: number;
}

/** What a payment passes on its way to its event. */
const PASSED: readonly (readonly [string, readonly string[]])[] = [
  ['PAYMENTS', ['payments']],
  ['ACTIONS', []],
];

async function untilPublishing(lostAt: Date): Promise<Wait> {
  const since = performance.now();
  const after = async (what: string, isSo: () => Promise<boolean>): Promise<number> => {
    await waitUntil(what, isSo, 60_000);
    return performance.now() - since;
  };
  const [electedMs, publishedMs] = await Promise.all([
    after('NATS has elected', async () => {
      const all = PASSED.map(([stream, durables]) => cluster.hasLeaders(stream, durables));
      return (await Promise.all(all)).every(Boolean);
    }),
    after('events are published', () => isPublishedSince(lostAt)),
  ]);
  return { electedMs, publishedMs };
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
  const waits: Wait[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    const stream = kill % 3 === 2 ? 'ACTIONS' : 'PAYMENTS';
    const leader = await cluster.leaderOf(stream);
    await cluster.signal(leader, 'SIGKILL');
    waits.push(await untilPublishing(await databaseClock(system)));
    cluster.startServer(leader);
    await untilWhole();
  }
  // A server that does not answer is like one that is cut off.
  const cutOff = await cluster.leaderOf('PAYMENTS');
  await cluster.signal(cutOff, 'SIGSTOP');
  waits.push(await untilPublishing(await databaseClock(system)));
  const until = performance.now() + PAUSE_MS;
  await waitUntil('the pause is over', () => performance.now() > until, PAUSE_MS * 2);
  await cluster.signal(cutOff, 'SIGCONT');
  await untilWhole();
  over = true;
  const paid = await paying;
  const list = (of: (wait: Wait) => number): string =>
    waits.map((wait) => Math.round(of(wait))).join(', ');
  process.stdout.write(
    `${paid.length} payments, ${KILLS} leaders killed, one cut off; published again after ${list(({ publishedMs }) => publishedMs)} ms; NATS had elected after ${list(({ electedMs }) => electedMs)} ms\n`,
  );
  expect(paid.filter(({ state }) => state !== 'PAID')).toEqual([]);
  expect(Math.max(...waits.map(({ publishedMs }) => publishedMs))).toBeLessThan(PUBLISHING_MS);
  await waitUntilIdle(system, 300_000);
  expect(await failedChecks(system)).toEqual([]);
});
