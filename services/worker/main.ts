import { NativeConnection } from '@temporalio/worker';
import { createNotifier } from '../../db/notifier.js';
import { createEngineContext } from '../shared/engine-context.js';
import { createSenders } from './senders.js';
import { createIntakeContext } from '../shared/intake-context.js';
import { createNode } from '../../adapters/lightning/create-node.js';
import { createPool, openPools } from '../shared/pool.js';
import { runService, type Service } from '../shared/process.js';
import { lazyGauge } from '../shared/metrics.js';
import { retry } from '../shared/retry.js';
import { temporalConnection } from '../shared/temporal/access.js';
import { installTemporalRuntime } from '../shared/temporal-runtime.js';
import { activitiesOf, isServed } from './queues.js';
import { type RunningWorker, startWorker } from './start-worker.js';

runService('worker', async (service) => {
  const { config, logger } = service;
  service.addExporter('temporal-sdk', await installTemporalRuntime(logger));
  const { payments: pool } = openPools(service, ['payments']);
  const maintenance = createPool(config, logger, { name: 'maintenance' });
  service.onStop('PostgreSQL for maintenance', () => maintenance.end());
  service.addCheck('postgres', () => pool.query('select 1'));

  const engine = createEngineContext(config, {
    pool,
    node: createNode(config),
    outboxChanged: createNotifier(pool, (err) =>
      logger.warn(
        { err },
        'could not notify the relays of new outbox rows: they find them at their next poll',
      ),
    ),
  });
  const { outboxChanged } = engine;
  const intake = createIntakeContext(config, { pool, outboxChanged });
  const stopping = new AbortController();
  service.onStop('connecting to Temporal', () => stopping.abort());
  const connection = await retry(() => NativeConnection.connect(temporalConnection(config)), {
    signal: stopping.signal,
    onFailure: (err) =>
      logger.warn(
        { err, address: config.temporalAddress },
        'cannot connect to Temporal: trying again',
      ),
  });
  service.onStop('Temporal', () => connection.close());
  service.addCheck('temporal', () => connection.workflowService.getSystemInfo({}));

  const workers = new Map<string, RunningWorker>();
  showCachedWorkflows(service, workers);
  for (const queue of config.workerQueues.filter(isServed)) {
    const worker = await startWorker({
      queue,
      activities: activitiesOf(queue, {
        ...{ engine, intake, maintenance, apiUrl: config.apiUrl },
        trustsStarts: trustsStarts(config),
        senders: createSenders(config, intake),
      }),
      connection,
      config,
    });
    workers.set(queue, worker);
    worker.done.catch((err: unknown) => {
      // Without its worker the process is useless: it exits, and its supervisor starts it again.
      logger.fatal({ err, queue }, 'the worker ended: exiting');
      process.exit(1);
    });
    service.onStop(`queue ${queue}`, () => worker.stop());
    logger.info({ queue }, 'serving the task queue');
  }
});

function trustsStarts({ env, trustStarts }: Service['config']): boolean {
  return trustStarts === 'by-environment' ? env !== 'production' : trustStarts === 'on';
}

function showCachedWorkflows(
  { metrics, logger }: Service,
  workers: ReadonlyMap<string, RunningWorker>,
): void {
  lazyGauge(metrics, logger, {
    name: 'quittance_worker_cached_workflows',
    help: 'Workflows in memory. At the limit, others are replayed at their next task.',
    labelNames: ['queue'],
    read: () =>
      Promise.resolve(
        [...workers].map(([queue, worker]) => ({
          labels: { queue },
          value: worker.cachedWorkflows(),
        })),
      ),
  });
}
