import { NativeConnection } from '@temporalio/worker';
import type { Pool } from 'pg';
import { createNotifier } from '../../db/notifier.js';
import { createEngineContext } from '../shared/engine-context.js';
import { createSenders } from './senders.js';
import { createIntakeContext } from '../shared/intake-context.js';
import { createNode } from '../../adapters/lightning/create-node.js';
import { watchRealNode } from '../shared/node-health.js';
import { createPool, openPools } from '../shared/pool.js';
import { runService, type Service } from '../shared/process.js';
import { requireSchema } from '../shared/schema.js';
import { scrapers } from '../shared/scraper.js';
import { lazyGauge } from '../shared/metrics.js';
import { retry } from '../shared/retry.js';
import { temporalConnection } from '../shared/temporal/access.js';
import { installTemporalRuntime } from '../shared/temporal-runtime.js';
import { tracedNode } from '../shared/tracing/traced-node.js';
import { activitySpans } from './activity-spans.js';
import { activitiesOf, isServed } from './queues.js';
import { ServedQueue } from './served-queue.js';
import { startDeliveries } from './start-deliveries.js';
import { startWorker } from './start-worker.js';
import { watchDatabase } from './watch-database.js';

runService('worker', async (service) => {
  const { config, logger } = service;
  await requireSchema(service);
  service.addExporter('temporal-sdk', await installTemporalRuntime(logger));
  const { payments: pool } = openPools(service, ['payments']);
  const maintenance = createPool(config, logger, { name: 'maintenance' });
  service.onStop('PostgreSQL for maintenance', () => maintenance.end());
  service.letScrape(scrapers(maintenance));
  service.addCheck('postgres', () => pool.query('select 1'));

  const node = tracedNode(createNode(config));
  watchRealNode(service, node);
  const engine = createEngineContext(config, {
    ...{ pool, node },
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

  // They are outside calls of the queue's kind, and need nothing of Temporal.
  if (config.workerQueues.includes('effects')) startDeliveries(service);

  const spans = activitySpans(pool);
  const queues = new Map<string, ServedQueue>();
  showQueues(service, queues);
  for (const queue of config.workerQueues.filter(isServed)) {
    const activities = activitiesOf(queue, {
      ...{ engine, intake, maintenance, apiUrl: config.apiUrl },
      trustsStarts: trustsStarts(config),
      senders: createSenders(config, intake),
    });
    const served = new ServedQueue(
      () => startWorker({ queue, activities, connection, config, spans }),
      (err) => {
        // Without its worker the process is useless: it exits, and its supervisor starts it again.
        logger.fatal({ err, queue }, 'the worker ended: exiting');
        process.exit(1);
      },
    );
    queues.set(queue, served);
    await served.open();
    service.onStop(`queue ${queue}`, () => served.close());
    logger.info({ queue }, 'serving the task queue');
  }
  leaveTasksWithoutDatabase(service, pool, queues);
});

function trustsStarts({ env, trustStarts }: Service['config']): boolean {
  return trustStarts === 'by-environment' ? env !== 'production' : trustStarts === 'on';
}

/** What a worker takes without PostgreSQL it can only fail: others may reach it, and what waits in Temporal is not lost. */
function leaveTasksWithoutDatabase(
  service: Service,
  pool: Pool,
  queues: ReadonlyMap<string, ServedQueue>,
): void {
  const { logger } = service;
  const stopping = new AbortController();
  const all = (change: (queue: ServedQueue) => Promise<void>): Promise<unknown> =>
    Promise.all([...queues.values()].map(change));
  const watching = watchDatabase({
    ask: () => pool.query('select 1'),
    signal: stopping.signal,
    onLost: async (err) => {
      logger.warn({ err }, 'PostgreSQL does not answer: taking no more tasks until it does');
      await all((queue) => queue.close());
    },
    onBack: async () => {
      await all((queue) => queue.open());
      logger.warn('PostgreSQL answers again: taking tasks');
    },
  }).catch((err: unknown) => {
    logger.fatal({ err }, 'a worker could not be started again: exiting');
    process.exit(1);
  });
  service.onStop('watching PostgreSQL', () => {
    stopping.abort();
    return watching;
  });
}

function showQueues({ metrics, logger }: Service, queues: ReadonlyMap<string, ServedQueue>): void {
  const gauge = (name: string, help: string, read: (queue: ServedQueue) => number): void =>
    lazyGauge(metrics, logger, {
      ...{ name, help, labelNames: ['queue'] },
      read: () =>
        Promise.resolve(
          [...queues].map(([queue, served]) => ({ labels: { queue }, value: read(served) })),
        ),
    });
  gauge(
    'quittance_worker_cached_workflows',
    'Workflows in memory. At the limit, others are replayed at their next task.',
    ({ cachedWorkflows }) => cachedWorkflows,
  );
  gauge(
    'quittance_worker_taking_tasks',
    '1 while the queue is served, 0 while PostgreSQL does not answer.',
    ({ isServed: served }) => (served ? 1 : 0),
  );
}
