import { randomUUID } from 'node:crypto';
import { WithStartWorkflowOperation } from '@temporalio/client';
import { listen } from '../../../db/listener.js';
import type { Bench } from '../bench.js';
import { burst, oneByOne, p50 } from '../callers.js';
import { startHelperProcess } from '../helper-process.js';
import type { Part } from '../part.js';

const WORKFLOWS = 500;
const taskQueue = 'bench';

/** How fast Temporal is on this machine with a workflow that does almost nothing. */
export const temporal: Part = {
  name: 'temporal',
  figures: [
    {
      id: 'floor.workflow',
      title: 'floor: bare workflow, from start to end',
      unit: 'per second',
    },
    { id: 'floor.signal', title: 'floor: signal to local activity, p50', unit: 'ms' },
  ],
  async prepare(bench) {
    const { pool, variables, logs } = bench.parts;
    await pool.query('create schema if not exists bench');
    await pool.query(
      'create table if not exists bench.steps (id bigint generated always as identity primary key, what text not null)',
    );
    const worker = await startHelperProcess('floors/bare-worker.js', variables, logs);
    await burst(50, () => openAndSettle(bench));
    return {
      round: async () => ({
        'floor.workflow': await burst(WORKFLOWS, () => openAndSettle(bench)),
        'floor.signal': p50(await signalTimes(bench)),
      }),
      stop: () => worker.stop(),
    };
  },
};

async function openAndSettle({ parts: { temporal: client } }: Bench): Promise<void> {
  const startWorkflowOperation = new WithStartWorkflowOperation('openAndSettle', {
    workflowId: `bench/${randomUUID()}`,
    taskQueue,
    workflowIdConflictPolicy: 'FAIL',
  });
  await client.workflow.executeUpdateWithStart('opened', { startWorkflowOperation });
  const handle = await startWorkflowOperation.workflowHandle();
  await handle.signal('settle');
  await handle.result();
}

async function signalTimes({ parts, options: { sizes } }: Bench): Promise<number[]> {
  const handle = await parts.temporal.workflow.start('answerSignals', {
    workflowId: `bench/${randomUUID()}`,
    taskQueue,
  });
  let answered: () => void = () => undefined;
  const listening = new Promise<void>((resolve) => (answered = resolve));
  const listener = listen({
    connectionString: parts.servers.databaseUrl,
    applicationName: 'quittance-bench-probe',
    channel: 'bench_probe',
    onNotify: () => answered(),
    onLost: () => undefined,
  });
  const one = async (): Promise<void> => {
    const answer = new Promise<void>((resolve) => (answered = resolve));
    await handle.signal('probe');
    await answer;
  };
  try {
    await listening;
    await oneByOne(10, one);
    return await oneByOne(sizes.quiet, one);
  } finally {
    await listener.stop();
    await handle.terminate('measured');
  }
}
