import { WORKFLOW_QUEUES } from '../../../domain/names/workflows.js';
import { waitUntil } from '../../support/wait-until.js';
import type { Bench } from '../bench.js';
import { CALLERS } from '../callers.js';

const PATIENCE_MS = 10 * 60_000;

/** Everything that was to be started or woken has been. */
export async function outboxEmpty({ parts: { pool } }: Bench): Promise<void> {
  await waitUntil(
    'the outbox is empty',
    async () => {
      const { rowCount } = await pool.query(
        'select from outbox where published_at is null limit 1',
      );
      return rowCount === 0;
    },
    PATIENCE_MS,
  );
}

/** What was started has been begun: no workflow task waits for a worker. */
export async function begun({ parts: { temporal } }: Bench): Promise<void> {
  await waitUntil(
    'workflows have begun',
    async () => {
      const { stats } = await temporal.workflowService.describeTaskQueue({
        namespace: temporal.options.namespace,
        taskQueue: { name: WORKFLOW_QUEUES.paidAction },
        reportStats: true,
      });
      return stats?.approximateBacklogCount?.toNumber() === 0;
    },
    PATIENCE_MS,
  );
}

/** No transmission is under way, none waits, and all are confirmed. */
export async function lineFree({ parts: { pool } }: Bench): Promise<void> {
  await waitUntil(
    'the line is free',
    async () => {
      const { rowCount } = await pool.query(
        `select from orders where state in ('paid', 'transmitting', 'confirming') limit 1`,
      );
      return rowCount === 0;
    },
    PATIENCE_MS,
  );
}

const RUNNING = `ExecutionStatus = 'Running'`;

/** No workflow runs: those that wait for what will not come are ended. */
export async function noWorkflows({ parts: { temporal } }: Bench): Promise<void> {
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
    PATIENCE_MS,
  );
}
