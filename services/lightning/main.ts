import type { Pool } from 'pg';
import { readEpoch } from '../../db/installation.js';
import { createNode } from '../../adapters/lightning/create-node.js';
import { connectNats } from '../shared/nats.js';
import { createPool } from '../shared/pool.js';
import { runService, type Service } from '../shared/process.js';
import { retry } from '../shared/retry.js';
import { ensureStreams } from '../shared/streams.js';
import { listenWhenFree } from '../../simulators/lightning/listen-when-free.js';
import { watcherMetrics } from './metrics.js';
import { DEFAULT_SETTINGS } from '../../simulators/lightning/settings.js';
import { startSimulator } from '../../simulators/lightning/start-simulator.js';
import { runWatcher } from './watcher.js';

const SWEEP_MS = 250;

runService('lightning', async (service) => {
  const pool = createPool(service.config, service.logger);
  service.onStop('PostgreSQL', () => pool.end());
  service.addCheck('postgres', () => pool.query('select 1'));
  simulate(service, pool);
  await watch(service, pool);
});

/** The node itself, at the address where the others look for it. */
function simulate(service: Service, pool: Pool): void {
  const { config, logger } = service;
  const stopping = new AbortController();
  const { hostname: host, port } = new URL(config.lightningUrl);
  const start = () =>
    startSimulator({
      pool,
      logger,
      host: host.replace(/^\[|\]$/g, ''),
      port: Number(port),
      settings: { ...DEFAULT_SETTINGS, holdTimeoutSeconds: config.lightningHoldTimeoutSeconds },
      controls: config.env !== 'production',
      sweepMs: SWEEP_MS,
    });
  // Not waited for: where another process is the node, this one watches or stands by.
  const simulator = listenWhenFree(start, logger, stopping.signal);
  simulator.then(
    ({ url }) => service.announce(url),
    (error: unknown) => {
      if (!stopping.signal.aborted) throw error;
    },
  );
  service.onStop('simulated node', async () => {
    stopping.abort();
    const running = await simulator.catch(() => undefined);
    await running?.stop();
  });
}

async function watch(service: Service, pool: Pool): Promise<void> {
  const { config, logger } = service;
  const stopping = new AbortController();
  const { signal } = stopping;
  const nats = await connectNats(config, logger, 'lightning');
  service.onStop('NATS', () => nats.close());
  service.addCheck('nats', () => nats.flush());
  const port = createNode(config, (err) => logger.warn({ err }, 'the stream of events broke'));
  service.addCheck('node', () => port.info());
  let watcher: Promise<void> = Promise.resolve();
  service.onStop('watcher', () => {
    stopping.abort();
    return watcher;
  });

  const patiently = <T>(attempt: () => Promise<T>, what: string): Promise<T> =>
    retry(attempt, { signal, onFailure: (err) => logger.warn({ err }, `cannot ${what} yet`) });
  await patiently(() => ensureStreams(nats), 'make the streams');
  const epoch = await patiently(() => readEpoch(pool), 'read the epoch');
  const { publicKey } = await patiently(() => port.info(), 'reach the node');
  watcher = runWatcher(
    {
      port,
      node: publicKey,
      connectionString: config.databaseUrl,
      jetStream: nats.jetstream(),
      epoch,
      logger,
      ...watcherMetrics(service.metrics),
    },
    signal,
  );
}
