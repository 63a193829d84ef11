import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { z } from 'zod';
import { createPool } from '../../../db/pool.js';
import { notifySupervisor } from '../../../services/shared/supervisor.js';
import { bareActivities } from './bare-activities.js';

/** A worker with the settings of ours, for the bare workflow, in its own process. */
const env = z.object({ DATABASE_URL: z.string(), TEMPORAL_ADDRESS: z.string() }).parse(process.env);

Runtime.install({ logger: new DefaultLogger('WARN') });
const pool = createPool({
  connectionString: env.DATABASE_URL,
  max: 10,
  applicationName: 'quittance-bench-bare',
  onError: () => undefined,
});
const connection = await NativeConnection.connect({ address: env.TEMPORAL_ADDRESS });
const worker = await Worker.create({
  connection,
  taskQueue: 'bench',
  workflowsPath: fileURLToPath(new URL('./bare-workflow.js', import.meta.url)),
  activities: bareActivities(pool),
  maxConcurrentWorkflowTaskExecutions: 40,
  maxConcurrentLocalActivityExecutions: 100,
  maxCachedWorkflows: 500,
});
notifySupervisor({ kind: 'listening', url: env.TEMPORAL_ADDRESS });
await worker.run();
await connection.close();
await pool.end();
process.disconnect();
