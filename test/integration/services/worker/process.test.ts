import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { creditsRebuildWorkflowId, TASK_QUEUES } from '../../../../domain/names/workflows.js';
import { startTcpProxy } from '../../../support/tcp-proxy.js';
import { waitUntil } from '../../../support/wait-until.js';
import { migratedDatabase, type OwnDatabase } from '../../../support/empty-database.js';
import { type BuiltProcess, readiness, startBuilt } from '../built-process.helper.js';

let database: OwnDatabase;
let connection: Connection;
let worker: BuiltProcess;

beforeAll(async () => {
  database = await migratedDatabase();
  connection = await Connection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? '' });
  worker = startBuilt('services/worker', {
    DATABASE_URL: database.url,
    QUITTANCE_WORKER_QUEUES: 'effects',
  });
});
afterAll(async () => {
  await worker.end('SIGKILL');
  await connection.close();
  await database.drop();
});

test('without PostgreSQL it takes no more tasks, until PostgreSQL is back', async () => {
  const target = new URL(database.url);
  const { hostname: host } = target;
  const proxy = await startTcpProxy({ host, port: Number(target.port) });
  target.hostname = '127.0.0.1';
  target.port = String(proxy.port);
  const cutOff = startBuilt('services/worker', {
    DATABASE_URL: target.href,
    QUITTANCE_WORKER_QUEUES: 'intake',
    QUITTANCE_LOG_LEVEL: 'fatal',
  });
  try {
    const url = await cutOff.url;
    await waitUntil('it is ready', async () => (await readiness(url)).status === 200);
    const takes = async (): Promise<string | undefined> => {
      const text = await (await fetch(`${url}/metrics`)).text();
      return /^quittance_worker_taking_tasks\{queue="intake"\} (\d)$/m.exec(text)?.[1];
    };
    expect(await takes()).toBe('1');
    proxy.cut();
    await waitUntil('it takes none', async () => (await takes()) === '0', 40_000);
    expect((await readiness(url)).status).toBe(503);
    proxy.restore();
    await waitUntil('it takes them again', async () => (await takes()) === '1', 30_000);
    await waitUntil('it is ready', async () => (await readiness(url)).status === 200);
  } finally {
    await cutOff.end('SIGKILL');
    await proxy.close();
  }
});

test("after a workflow ran, /metrics has the SDK's series beside ours", async () => {
  const url = await worker.url;
  await waitUntil('the worker', async () => (await readiness(url)).status === 200);
  await new Client({ connection }).workflow.execute('creditsRebuild', {
    workflowId: creditsRebuildWorkflowId('aleph', true),
    taskQueue: TASK_QUEUES.effects,
    args: [{ ledger: 'aleph', dryRun: true }],
  });
  const response = await fetch(`${url}/metrics`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('version=0.0.4');
  const text = await response.text();
  expect(text).toMatch(/^quittance_worker_cached_workflows\{queue="effects"\} \d+$/m);
  for (const series of [
    'temporal_workflow_completed_total',
    'temporal_workflow_task_schedule_to_start_latency_seconds_count',
    'temporal_workflow_task_execution_latency_seconds_count',
    'temporal_activity_schedule_to_start_latency_seconds_count',
    'temporal_worker_task_slots_available',
    'temporal_sticky_cache_size',
  ]) {
    expect(text).toMatch(new RegExp(`^${series}\\{.*task_queue="effects".*\\} [\\d.e+-]+$`, 'm'));
  }
  expect(await worker.end('SIGTERM')).toBe(0);
});
