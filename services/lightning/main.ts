import { readEpoch } from '../../db/installation.js';
import { createNode, lndChannel, type NodeConfig } from '../../adapters/lightning/create-node.js';
import type { LightningPort } from '../../adapters/lightning/port.js';
import { NEEDS } from '../shared/config.js';
import { connectNats } from '../shared/nats.js';
import { createPool, directUrl } from '../shared/pool.js';
import { runService, type Service } from '../shared/process.js';
import { requireSchema } from '../shared/schema.js';
import { scrapers } from '../shared/scraper.js';
import { retry } from '../shared/retry.js';
import { ensureStreams } from '../shared/streams.js';
import { expectedNode, watchNodeHealth } from '../shared/node-health.js';
import { registerNodeMetrics, RegistryProbe } from './node-metrics.js';
import { observe, type ObserveOptions } from './journal/observe.js';
import { StoredJournal } from './journal/stored-journal.js';
import { perEpoch } from './per-epoch.js';
import { watcherMetrics } from './metrics.js';
import { runWatcher, type WatcherOptions } from './watcher.js';

const PROBE_EVERY_MS = 30_000;

runService(
  'lightning',
  async (service) => {
    const { config, logger } = service;
    await requireSchema(service);
    const pool = createPool(config, logger);
    service.onStop('PostgreSQL', () => pool.end());
    service.letScrape(scrapers(pool));
    service.addCheck('postgres', () => pool.query('select 1'));
    const nats = await connectNats(config, logger, 'lightning');
    service.onStop('NATS', () => nats.close());
    service.addCheck('nats', () => nats.flush());
    const onTrouble = (err: unknown): void =>
      logger.warn({ err }, "the node's event stream broke: connecting again");
    const port = createNode(config, onTrouble);
    watchNodeHealth(service, port);
    registerNodeMetrics({ metrics: service.metrics, logger, pool, node: port });
    if (config.lightningBackend === 'lnd') probeRegistry(service, port);
    const stopping = new AbortController();
    const { signal } = stopping;
    let watcher: Promise<void> = Promise.resolve();
    service.onStop('watcher', () => {
      stopping.abort();
      return watcher;
    });

    const retryUntilStopped = <T>(attempt: () => Promise<T>, what: string): Promise<T> =>
      retry(attempt, {
        signal,
        onFailure: (err) => logger.warn({ err }, `cannot ${what}: trying again`),
      });
    await retryUntilStopped(() => ensureStreams(nats, ['PAYMENTS']), 'create the streams');
    const { publicKey } = await retryUntilStopped(
      () => expectedNode(config, port),
      'reach the Lightning node that is expected',
    );
    const journaled =
      config.lightningBackend === 'lnd' && journaling({ config, node: publicKey, pool, onTrouble });
    const connectionString = directUrl(config);
    const common = {
      ...{ port, ...journaled, node: publicKey, connectionString },
      ...{ jetStream: nats.jetstream(), logger, ...watcherMetrics(service.metrics) },
      ...(config.paymentsSigningKey && { signingKey: config.paymentsSigningKey }),
    };
    watcher = perEpoch(
      () => retryUntilStopped(() => readEpoch(pool), 'read the epoch from PostgreSQL'),
      (epoch, ends) => runWatcher({ ...common, epoch }, ends),
      signal,
    );
    watcher.catch((err: unknown) => {
      if (!signal.aborted) logger.error({ err }, 'the node is not watched any more');
    });
  },
  NEEDS.lightning,
);

function probeRegistry(service: Service, node: LightningPort): void {
  const { metrics, logger } = service;
  const probe = new RegistryProbe(metrics, node);
  const probing = setInterval(() => {
    probe.ask().catch((err: unknown) => logger.debug({ err }, 'no answer of the registry'));
  }, PROBE_EVERY_MS);
  service.onStop('probes of the registry', () => clearInterval(probing));
}

/** lnd replays little of what it did, so what is seen of it is kept, and read from there. */
function journaling({
  config,
  node,
  pool,
  onTrouble,
}: Pick<ObserveOptions, 'pool' | 'onTrouble'> & { config: NodeConfig; node: string }): Pick<
  WatcherOptions,
  'port' | 'observe'
> {
  const journal = new StoredJournal(node, pool);
  const lnd = lndChannel(config);
  return {
    port: createNode(config, onTrouble, journal),
    observe: (lock, signal) => observe({ lnd, journal, pool, onTrouble }, lock, signal),
  };
}
