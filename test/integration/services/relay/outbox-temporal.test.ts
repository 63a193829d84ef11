import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { enqueueRecoveries, enqueueStart, enqueueWake } from '../../../../engine/outbox.js';
import { inTransaction } from '../../../../db/transaction.js';
import { RelayMetrics } from '../../../../services/relay/metrics.js';
import { TemporalBacklog } from '../../../../services/relay/outbox/temporal-backlog.js';
import { temporalDestination } from '../../../../services/relay/outbox/temporal-destination.js';
import type { TemporalClient } from '../../../../services/shared/temporal.js';
import { waitUntil } from '../../../support/wait-until.js';
import {
  counter,
  logger,
  relayDatabase,
  startLoop,
  unpublished,
  type Database,
  type TestLoop,
} from './fixture.helper.js';
import { NAMESPACE, start, temporalForTest, testStart, wake, wakesOf } from './temporal.helper.js';

let client: TemporalClient;
let database: Database;
let loop: TestLoop | undefined;

beforeAll(async () => {
  client = temporalForTest();
  database = await relayDatabase();
});

beforeEach(() => database.pool.query('truncate outbox'));

afterEach(async () => {
  await loop?.stop();
  loop = undefined;
});

afterAll(async () => {
  await database.close();
  await client.connection.close();
});

async function deliverAll(): Promise<TestLoop> {
  loop ??= startLoop(database, temporalDestination(client, NAMESPACE, logger));
  loop.loop.wake();
  await waitUntil('the outbox is empty', async () => (await unpublished(database.pool)) === 0);
  return loop;
}

function describeWorkflow(workflowId: string) {
  return client.workflow.getHandle(workflowId).describe();
}

describe('a start', () => {
  it('starts the workflow with its input, its search attributes and its summary', async () => {
    const workflow = testStart({ summary: `zap ⚡${'⚡'.repeat(100)}` });
    await start(database.pool, workflow);
    await deliverAll();
    const found = await describeWorkflow(workflow.workflowId);
    expect(found.status.name).toBe('RUNNING');
    expect(found.type).toBe('paidAction');
    expect(found.taskQueue).toBe('actions');
    const attributes = found.typedSearchAttributes.getAll();
    expect(attributes.map(({ key, value }) => [key.name, key.type, value]).sort()).toEqual([
      ['QState', 'KEYWORD', 'INVOICING'],
      ['QType', 'KEYWORD', 'ZAP'],
    ]);
    expect(await found.staticSummary()).toMatch(/^zap ⚡+$/);
    const { events } = await client.workflow.getHandle(workflow.workflowId).fetchHistory();
    const payload = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
    expect(JSON.parse(Buffer.from(payload?.data ?? []).toString())).toEqual(workflow.input);
  });

  it('does nothing where the workflow runs or is closed', async () => {
    const workflow = testStart();
    await start(database.pool, workflow);
    await start(database.pool, workflow);
    await deliverAll();
    const { runId } = await describeWorkflow(workflow.workflowId);
    await client.workflow.getHandle(workflow.workflowId).terminate();
    await start(database.pool, workflow);
    await deliverAll();
    const after = await describeWorkflow(workflow.workflowId);
    expect(after.runId).toBe(runId);
    expect(after.status.name).toBe('TERMINATED');
  });

  it('that fails holds up neither a wake of its workflow nor anything else', async () => {
    const workflow = testStart();
    await start(database.pool, workflow);
    await deliverAll();
    // Taken together, as both are there at once.
    await inTransaction(database.pool, async (tx) => {
      await tx.query(
        `insert into outbox (destination, kind, ordering_key, subject, payload, lease)
         values ('temporal', 'start', $1, $1, '{"workflowType": 7}', 1)`,
        [workflow.workflowId],
      );
      await enqueueWake(tx, workflow.workflowId, 'a test');
    });
    await waitUntil('it is woken', async () => (await wakesOf(client, workflow.workflowId)) === 1);
    await waitUntil('the wake is done', async () => (await unpublished(database.pool)) === 1);
  });

  it('that cannot be parsed is retried alone', async () => {
    const good = testStart();
    await database.pool.query(
      `insert into outbox (destination, kind, ordering_key, subject, payload)
       values ('temporal', 'start', 'bad', 'bad', '{"workflowType": 7}')`,
    );
    await start(database.pool, good);
    loop = startLoop(database, temporalDestination(client, NAMESPACE, logger));
    await waitUntil('the good one has started', async () => {
      const { rows } = await database.pool.query<{ error: string }>(
        'select last_error as error from outbox where published_at is null',
      );
      return rows.length === 1 && rows[0]?.error.includes('workflowType');
    });
    expect((await describeWorkflow(good.workflowId)).status.name).toBe('RUNNING');
  });
});

describe('a wake', () => {
  it('is signalled to a running workflow, once for everything that happened before', async () => {
    const { workflowId, ...rest } = testStart();
    await start(database.pool, { workflowId, ...rest });
    await deliverAll();
    expect(await wakesOf(client, workflowId)).toBe(0);
    await inTransaction(database.pool, async (tx) => {
      for (let n = 0; n < 7; n += 1) {
        await tx.query(
          `insert into outbox (destination, kind, ordering_key, subject, payload)
           values ('temporal', 'wake', $1, $1, '{}')`,
          [workflowId],
        );
      }
    });
    const { registry } = await deliverAll();
    expect(await wakesOf(client, workflowId)).toBe(1);
    await wake(database.pool, workflowId);
    await deliverAll();
    expect(await wakesOf(client, workflowId)).toBe(2);
    const wakes = { destination: 'temporal', kind: 'wake' };
    expect(await counter(registry, 'quittance_outbox_delivered_total', wakes)).toBe(8);
  });

  it('is dropped where no workflow has started, and after a start that will read the row', async () => {
    const workflow = testStart();
    await wake(database.pool, workflow.workflowId);
    await deliverAll();
    await inTransaction(database.pool, async (tx) => {
      await tx.query(`select pg_advisory_xact_lock(1)`);
      await enqueueBoth(tx, workflow.workflowId);
    });
    await deliverAll();
    expect(await wakesOf(client, workflow.workflowId)).toBe(0);
  });

  it('is not dropped after a start of a workflow that already runs: it may be waiting', async () => {
    const workflow = testStart();
    await start(database.pool, workflow);
    await deliverAll();
    await inTransaction(database.pool, (tx) => enqueueBoth(tx, workflow.workflowId));
    await deliverAll();
    expect(await wakesOf(client, workflow.workflowId)).toBe(1);
  });

  it('is not lost with a start that is still to come, of a workflow that somebody else has started', async () => {
    const workflow = testStart();
    await start(database.pool, workflow);
    await deliverAll();
    await inTransaction(database.pool, (tx) => enqueueStart(tx, workflow, { delayMs: 500 }));
    await wake(database.pool, workflow.workflowId);
    await deliverAll();
    expect(await wakesOf(client, workflow.workflowId)).toBe(1);
    const { rowCount } = await database.pool.query(
      `select from outbox where kind = 'start' and payload ->> 'wake' = 'true'`,
    );
    expect(rowCount).toBe(1);
  });

  it('is dropped where the workflow is closed', async () => {
    const workflow = testStart();
    await start(database.pool, workflow);
    await deliverAll();
    await client.workflow.getHandle(workflow.workflowId).terminate();
    await wake(database.pool, workflow.workflowId);
    await deliverAll();
    expect(await wakesOf(client, workflow.workflowId)).toBe(0);
  });

  async function enqueueBoth(tx: Parameters<typeof enqueueRecoveries>[0], workflowId: string) {
    const payload = { ...testStart({ workflowId }), taskQueue: 'actions' };
    await tx.query(
      `insert into outbox (destination, kind, ordering_key, subject, payload)
       values ('temporal', 'start', $1, $1, $2), ('temporal', 'wake', $1, $1, '{}')`,
      [workflowId, payload],
    );
  }
});

describe('a recovery', () => {
  const recover = (...starts: ReturnType<typeof testStart>[]): Promise<void> =>
    inTransaction(database.pool, (tx) => enqueueRecoveries(tx, starts));

  it('starts a workflow that was lost or never started, restarts a closed one, wakes a running one', async () => {
    const lost = testStart();
    const closed = testStart();
    const running = testStart();
    await start(database.pool, closed);
    await start(database.pool, running);
    await deliverAll();
    await client.workflow.getHandle(closed.workflowId).terminate();
    const before = await describeWorkflow(running.workflowId);
    await recover(lost, closed, running);
    await deliverAll();
    for (const { workflowId } of [lost, closed, running]) {
      expect((await describeWorkflow(workflowId)).status.name).toBe('RUNNING');
      expect(await wakesOf(client, workflowId)).toBe(1);
    }
    expect((await describeWorkflow(running.workflowId)).runId).toBe(before.runId);
    const { typedSearchAttributes } = await describeWorkflow(closed.workflowId);
    expect(typedSearchAttributes.getAll()).toHaveLength(2);
  });

  it('that is to replace the run terminates it and starts another, wherever it is', async () => {
    const [lost, closed, running] = [testStart(), testStart(), testStart()];
    for (const workflow of [closed, running]) await start(database.pool, workflow);
    await deliverAll();
    await client.workflow.getHandle(closed.workflowId).terminate();
    const before = await describeWorkflow(running.workflowId);
    await recover(...[lost, closed, running].map((s) => ({ ...s, replace: true as const })));
    await deliverAll();
    for (const { workflowId } of [lost, closed, running]) {
      expect((await describeWorkflow(workflowId)).status.name).toBe('RUNNING');
    }
    expect((await describeWorkflow(running.workflowId)).runId).not.toBe(before.runId);
    const first = client.workflow.getHandle(running.workflowId, before.runId);
    expect((await first.describe()).status.name).toBe('TERMINATED');
  });
});

describe('how far Temporal is behind', () => {
  it('is the age of the oldest workflow task that no worker has taken', async () => {
    const registry = new Registry();
    const parts = { logger, metrics: new RelayMetrics(registry) };
    const backlog = new TemporalBacklog(client, NAMESPACE, parts);
    // Nobody works on this queue: it is behind two seconds after the first start.
    await start(database.pool, testStart({ workflowType: 'creditsRebuild' }));
    await deliverAll();
    await waitUntil('it is behind', () => backlog.isBehindNow('effects'), 20_000);
    expect(backlog.isBehind('effects')).toBe(true);
    const labels = { queue: 'effects' };
    expect(await counter(registry, 'quittance_temporal_backlog_seconds', labels)).toBeGreaterThan(
      2,
    );
  });

  it('is not known, and nothing is held back, when the server does not tell', async () => {
    const away = temporalForTest('127.0.0.1:1');
    const registry = new Registry();
    const backlog = new TemporalBacklog(away, NAMESPACE, {
      logger,
      metrics: new RelayMetrics(registry),
    });
    expect(await backlog.read('actions')).toBeUndefined();
    expect(backlog.isBehind('actions')).toBe(false);
    await away.connection.close();
  });
});
