import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readStuck } from '../../../../engine/operator/read-stuck.js';
import { actionWorkflowId } from '../../../../domain/names/workflows.js';
import { startSweep } from '../../../../services/relay/maintenance/tasks.js';
import { RelayMetrics } from '../../../../services/relay/metrics.js';
import { temporalDestination } from '../../../../services/relay/outbox/temporal-destination.js';
import { registerOverdueMetrics } from '../../../../services/shared/metrics-overdue.js';
import { waitUntil } from '../../../support/wait-until.js';
import { counter, logger, relayDatabase, startLoop, type Database } from './fixture.helper.js';
import { insertAttempts, insertOrder } from './open-rows.helper.js';
import { NAMESPACE, temporalForTest } from './temporal.helper.js';
import { emptyTables } from '../../../support/empty-database.js';

let database: Database;
const cleanups: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  database = await relayDatabase();
});

beforeEach(() => emptyTables(database.pool, 'outbox, attempts, actions, orders, invoices'));

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

afterAll(() => database.close());

describe('an attempt that is overdue while no worker runs', () => {
  it('is seen by every look, with since when it is and how often the sweep has tried', async () => {
    const client = temporalForTest();
    cleanups.push(() => client.connection.close());
    const loop = startLoop(database, temporalDestination(client, NAMESPACE, logger));
    cleanups.push(() => loop.stop());
    const [id = ''] = await insertAttempts(database.pool, 1, 1);
    const swept = startSweep({
      config: {
        sweepIntervalSeconds: 0.05,
        sweepGraceSeconds: 0.2,
        siteUrl: 'http://127.0.0.1:8420',
        reconcileSeconds: 0,
        messageKeepDays: 31,
        orderCloseDays: 31,
        outboxKeepHours: 1,
      },
      pool: database.pool,
      logger,
      metrics: new RelayMetrics(new Registry()),
      outboxChanged: () => loop.loop.wake(),
      isBehind: () => Promise.resolve(false),
    });
    cleanups.push(() => swept.stop());
    const looks: Awaited<ReturnType<typeof readStuck>>[] = [];
    await waitUntil('it was swept four times', async () => {
      const look = await readStuck(database.pool, undefined, 10);
      looks.push(look);
      return look[0]?.tries === 4;
    });
    expect(looks.filter((look) => look.length !== 1)).toEqual([]);
    expect(new Set(looks.map(([row]) => row?.since.getTime())).size).toBe(1);
    expect([...new Set(looks.map(([row]) => row?.tries))]).toEqual([0, 1, 2, 3, 4]);
    // The fourth replaces the run, which has not moved the row.
    const workflowId = actionWorkflowId(id, 2);
    await waitUntil('another run has begun', async () => {
      const { count } = await client.workflow.count(`WorkflowId = "${workflowId}"`);
      return count === 2;
    });
  });
});

describe('the gauges', () => {
  it('count overdue rows of each machine, and say for how long the oldest is', async () => {
    await insertAttempts(database.pool, 2, 100);
    await insertAttempts(database.pool, 1, -100);
    await insertOrder(database.pool, -100);
    const registry = new Registry();
    registerOverdueMetrics(registry, logger, database.pool);
    const read = (name: string, machine: string): Promise<number> =>
      counter(registry, `quittance_${name}`, { machine });
    expect(await read('overdue_rows', 'attempt')).toBe(2);
    expect(await read('oldest_overdue_seconds', 'attempt')).toBeGreaterThanOrEqual(100);
    expect(await read('overdue_rows', 'order')).toBe(0);
    expect(await read('oldest_overdue_seconds', 'order')).toBe(0);
  });
});
