import { ApplicationFailure, Client, Connection, WorkflowFailedError } from '@temporalio/client';
import { ActivityFailure } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createPaidActionActivities } from '../../../../activities/paid-action.js';
import type { EngineContext } from '../../../../engine/context.js';
import { TASK_QUEUES, WAKE_SIGNAL } from '../../../../domain/names/workflows.js';
import { workflowCode } from '../../../../services/shared/workflow-code.js';
import { quiet } from '../../../workflow/workflow-fixture.helper.js';

export interface RunningWorker {
  wake(workflowId: string): Promise<void>;
  /** Starts a paid action and gives its result. */
  run(workflowId: string, input: unknown): Promise<unknown>;
  /** The code of the refusal that a workflow failed with. */
  failureType(error: unknown): string | null | undefined;
  stop(): Promise<void>;
}

/** A worker on the documented task queue. */
export async function startActionWorker(engine: EngineContext): Promise<RunningWorker> {
  const address = process.env['TEMPORAL_ADDRESS'];
  if (address === undefined) throw new Error('TEMPORAL_ADDRESS is not set');
  quiet();
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  const client = new Client({ connection });
  const worker = await Worker.create({
    connection: native,
    taskQueue: TASK_QUEUES.actions,
    ...workflowCode(),
    activities: createPaidActionActivities(engine, {
      apiUrl: 'http://127.0.0.1:8420',
      trustsStarts: true,
    }),
  });
  const running = worker.run();
  return {
    wake: async (workflowId) => {
      // A workflow that has not started yet will read the row.
      await client.workflow
        .getHandle(workflowId)
        .signal(WAKE_SIGNAL)
        .catch(() => undefined);
    },
    run: (workflowId, input) =>
      client.workflow.execute('paidAction', {
        workflowId,
        taskQueue: TASK_QUEUES.actions,
        args: [input],
      }),
    failureType: (error) => {
      if (!(error instanceof WorkflowFailedError)) return undefined;
      const cause = error.cause instanceof ActivityFailure ? error.cause.cause : error.cause;
      return cause instanceof ApplicationFailure ? cause.type : undefined;
    },
    stop: async () => {
      worker.shutdown();
      await running;
      await connection.close();
      await native.close();
    },
  };
}
