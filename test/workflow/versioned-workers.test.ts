import { randomUUID } from 'node:crypto';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WAKE_SIGNAL, type WorkflowType } from '../../domain/names/workflows.js';
import type { LinkedStep } from '../../domain/workflow-step.js';
import { loadConfig } from '../../services/shared/config.js';
import { type RunningWorker, startWorker } from '../../services/worker/start-worker.js';
import { waitUntil } from '../support/wait-until.js';
import { IDENTITY, quiet } from './workflow-fixture.helper.js';

const NAME = `versions-${randomUUID()}`;
const UNSPECIFIED = 0;
const PINNED = 1;
const AUTO_UPGRADE = 2;
const WAITING: LinkedStep = {
  ...{ state: 'PENDING', reason: null, finished: false, call: null, waitMs: null },
  ...{ story: { awaits: 'a wake', amountMsat: null, deadline: null }, link: 'http://x' },
};

let client: Client;
let native: NativeConnection;
const workers: RunningWorker[] = [];
/** Of workflows that have been woken for the last time. */
const over = new Set<string>();

beforeAll(async () => {
  const address = process.env['TEMPORAL_ADDRESS'];
  if (address === undefined) throw new Error('TEMPORAL_ADDRESS is not set');
  quiet();
  client = new Client({ connection: await Connection.connect({ address }), identity: IDENTITY });
  native = await NativeConnection.connect({ address });
});
afterAll(async () => {
  for (const worker of workers) await worker.stop();
  await client.connection.close();
  await native.close();
});

/** A worker of this queue; of a version where a build is given. Its steps only wait until the workflow is over. */
async function serve(queue: string, build?: string): Promise<void> {
  const step = (workflowId: string): LinkedStep =>
    over.has(workflowId) ? { ...WAITING, state: 'PAID', finished: true } : WAITING;
  const worker = await startWorker({
    ...{ queue, connection: native, spans: [] },
    config: loadConfig({
      ...{ DATABASE_URL: 'postgres://x@localhost/x', NATS_URL: 'nats://localhost' },
      TEMPORAL_ADDRESS: process.env['TEMPORAL_ADDRESS'],
      ...(build !== undefined && {
        ...{ TEMPORAL_DEPLOYMENT_NAME: NAME, TEMPORAL_WORKER_BUILD_ID: build },
      }),
    }),
    activities: {
      advanceAction: (_: unknown, workflowId: string) => Promise.resolve(step(workflowId)),
      advanceItemTimer: (_: unknown, { workflowId }: { workflowId: string }) =>
        Promise.resolve(step(workflowId)),
    },
  });
  workers.push(worker);
}

function start(type: WorkflowType, taskQueue: string): Promise<WorkflowHandle> {
  return client.workflow.start(type, { workflowId: randomUUID(), taskQueue, args: [{}] });
}

async function makeCurrent(buildId: string): Promise<void> {
  await waitUntil(`version ${buildId} is current`, () =>
    client.workflowService
      .setWorkerDeploymentCurrentVersion({
        ...{ namespace: 'default', deploymentName: NAME, buildId, identity: IDENTITY },
      })
      .then(() => true)
      .catch(() => false),
  );
}

/** Who has finished its workflow tasks, one after the other, and how the workflow said that it belongs to a version. */
async function tasksOf(handle: WorkflowHandle): Promise<{ build: string; behaviour: number }[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap(({ workflowTaskCompletedEventAttributes: done }) =>
    done === null || done === undefined
      ? []
      : [
          {
            build: done.deploymentVersion?.buildId ?? 'none',
            behaviour: done.versioningBehavior ?? UNSPECIFIED,
          },
        ],
  );
}

async function untilTasks(handle: WorkflowHandle, count: number): Promise<void> {
  await waitUntil(
    `${count} tasks are done`,
    async () => (await tasksOf(handle)).length >= count,
    30_000,
  );
}

it('a worker without a version is of none, and Temporal takes its tasks', async () => {
  const queue = `unversioned-${NAME}`;
  await serve(queue);
  const handle = await start('paidAction', queue);
  await untilTasks(handle, 1);
  over.add(handle.workflowId);
  await handle.signal(WAKE_SIGNAL);
  expect(await handle.result()).toEqual({ state: 'PAID', reason: null });
  for (const task of await tasksOf(handle)) {
    expect(task).toEqual({ build: 'none', behaviour: UNSPECIFIED });
  }
});

it('what ends within hours stays with its version, what lives for months goes over', async () => {
  await serve(NAME, 'old');
  const action = await start('paidAction', NAME);
  const reminder = await start('reminder', NAME);
  expect(await tasksOf(action)).toEqual([]);
  await makeCurrent('old');
  for (const handle of [action, reminder]) await untilTasks(handle, 1);
  await serve(NAME, 'new');
  await makeCurrent('new');
  for (const handle of [action, reminder]) {
    over.add(handle.workflowId);
    await handle.signal(WAKE_SIGNAL);
    await handle.result();
  }
  expect(await tasksOf(action)).toEqual([
    { build: 'old', behaviour: PINNED },
    { build: 'old', behaviour: PINNED },
  ]);
  expect(await tasksOf(reminder)).toEqual([
    { build: 'old', behaviour: AUTO_UPGRADE },
    { build: 'new', behaviour: AUTO_UPGRADE },
  ]);
});
