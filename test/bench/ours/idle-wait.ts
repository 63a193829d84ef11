import { WORKFLOW_QUEUES } from '../../../domain/names/workflows.js';
import { waitUntil } from '../../support/wait-until.js';
import type { Bench } from '../bench.js';
import { CALLERS } from '../callers.js';

const TIMEOUT_MS = 10 * 60_000;

/** Waits until all workflows are started or woken and all events are published. */
export async function waitForEmptyOutbox({ parts: { pool } }: Bench): Promise<void> {
  await waitUntil(
    'the outbox is empty',
    async () => {
      const { rowCount } = await pool.query(
        'select from outbox where published_at is null limit 1',
      );
      return rowCount === 0;
    },
    TIMEOUT_MS,
  );
}

/** Waits until no workflow task is in the backlog of the worker. */
export async function waitForStartedWorkflows({ parts: { temporal } }: Bench): Promise<void> {
  await waitUntil(
    'workflows have started',
    async () => {
      const { stats } = await temporal.workflowService.describeTaskQueue({
        namespace: temporal.options.namespace,
        taskQueue: { name: WORKFLOW_QUEUES.paidAction },
        reportStats: true,
      });
      return stats?.approximateBacklogCount?.toNumber() === 0;
    },
    TIMEOUT_MS,
  );
}

/** Waits until no transmission is in flight, queued or waiting for confirmations. */
export async function waitForIdleChannel({ parts: { pool } }: Bench): Promise<void> {
  await waitUntil(
    'the channel is idle',
    async () => {
      const { rowCount } = await pool.query(
        `select from orders where state in ('paid', 'transmitting', 'confirming') limit 1`,
      );
      return rowCount === 0;
    },
    TIMEOUT_MS,
  );
}

const RUNNING = `ExecutionStatus = 'Running'`;

/** Terminates all running workflows and waits until none runs. */
export async function terminateWorkflows({ parts: { temporal } }: Bench): Promise<void> {
  await waitUntil(
    'no workflow runs',
    async () => {
      const ends: Promise<unknown>[] = [];
      for await (const { workflowId } of temporal.workflow.list({ query: RUNNING })) {
        const end = temporal.workflow.getHandle(workflowId).terminate('the measure is over');
        ends.push(end.catch(() => undefined));
        if (ends.length >= CALLERS) await Promise.all(ends.splice(0));
      }
      await Promise.all(ends);
      return (await temporal.workflow.count(RUNNING)).count === 0;
    },
    TIMEOUT_MS,
  );
}
