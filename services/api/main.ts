import type { Pool } from 'pg';
import { checkVerified } from '../../engine/credits/rebuild/generation.js';
import { createNotifier } from '../../db/notifier.js';
import { createEngineContext } from '../shared/engine-context.js';
import { createIntakeContext } from '../shared/intake-context.js';
import { VapidKey } from '../../adapters/push/vapid.js';
import { createWebhookContext } from '../shared/webhook-context.js';
import type { Channel } from '../../domain/transmissions/channels.js';
import { keepReaders } from '../../engine/transmissions/keep-readers.js';
import { createNode } from '../../adapters/lightning/create-node.js';
import { grantCapsOf } from '../shared/grant-caps.js';
import type { OpsRoutes } from '../shared/ops-routes.js';
import { directUrl, openPools, someAnswers } from '../shared/pool.js';
import { runService, type Service } from '../shared/process.js';
import { requireSchema } from '../shared/schema.js';
import { retry } from '../shared/retry.js';
import { scrapers } from '../shared/scraper.js';
import { tracedNode } from '../shared/tracing/traced-node.js';
import type { ApiDeps } from './deps.js';
import { ChangeFeed } from './events/change-feed.js';
import { followChanges } from './events/follow-changes.js';
import { RequestMetrics } from './metrics.js';
import { Places } from './places.js';
import { streamsOverNats } from './pages/ops/streams-over-nats.js';
import { pageSettings } from './pages/settings-of.js';
import { serveEvents } from './satellite/serve-events.js';
import { satelliteSettings } from './satellite/settings-of.js';
import { buildApi, buildSatelliteApi } from './server.js';

runService('api', async (service) => {
  const { config, logger, opsRoutes } = service;
  await requireSchema(service);
  const metrics = new RequestMetrics(service.metrics);
  const pools = openPools(service, ['payments', 'reads']);
  const { payments: pool, reads } = pools;
  service.letScrape(scrapers(reads));
  service.addCheck('postgres', () => someAnswers(pools));
  service.addCheck('credits', () => checkVerified(reads));
  const outboxChanged = createNotifier(pool, (err) =>
    logger.warn({ err }, 'could not notify the relays'),
  );
  const node = tracedNode(createNode(config));
  const engine = createEngineContext(config, { pool, node, outboxChanged });
  keepReadersOf(service, pool, engine.transmissions.channels);
  const intake = createIntakeContext(config, { pool, outboxChanged });
  const creditPolicy = { issuers: config.alephIssuers, channels: config.alephChannels };
  const deps: ApiDeps = {
    ...{ engine, intake, reads, logger, metrics, creditPolicy, ...pageSettings(config) },
    webhooks: createWebhookContext(config, pool),
    // Load balancers ask on the port of the API whether it answers; whether it is ready is for operators.
    opsRoutes: only(opsRoutes, '/healthz'),
    satellite: satelliteSettings(config),
    events: serveEvents(service, reads),
    changes: serveChanges(service, reads),
    streams: streamsOverNats(service),
    grantCaps: grantCapsOf(config),
    ...pushKeyOf(config),
    traceCallers: config.traceCallers,
    badTokensPerMinute: config.badTokensPerMinute,
    connections: { perNetwork: config.apiConnectionsPerNetwork, all: config.apiMaxConnections },
    streamPlaces: new Places({
      perNetwork: config.eventStreamsPerNetwork,
      all: config.eventStreams,
    }),
    trustedProxies: config.trustedProxies,
    corsOrigins: config.corsOrigins,
    docs: config.apiDocs === 'on',
    slowest: {
      headersMs: config.apiHeadersSeconds * 1000,
      requestMs: config.apiRequestSeconds * 1000,
    },
  };
  await listenForSatellite(service, deps);
  const app = buildApi(deps);
  // Stops accepting connections, then waits for requests in progress.
  service.onStop('HTTP', () => app.close());
  service.announce(await app.listen({ host: config.apiHost, port: config.apiPort }));
});

/** Not ready before the schema has of which channels anybody may read. Tried again where PostgreSQL is away. */
function keepReadersOf(service: Service, pool: Pool, channels: readonly Channel[]): void {
  const { logger } = service;
  const stopping = new AbortController();
  const kept = retry(() => keepReaders(pool, channels), {
    signal: stopping.signal,
    onFailure: (err) => logger.warn({ err }, 'cannot write who reads which channel: trying again'),
  });
  kept.catch(() => undefined);
  service.addCheck('channels', () => kept);
  service.onStop('who reads channels', () => {
    stopping.abort();
  });
}

function pushKeyOf({ vapidKey, vapidContact }: Service['config']): Pick<ApiDeps, 'pushPublicKey'> {
  if (vapidKey === undefined) return {};
  return { pushPublicKey: new VapidKey(vapidKey, vapidContact).publicKey };
}

/** What changes, for the streams of states. */
function serveChanges(
  { config, logger, onStop }: Pick<Service, 'config' | 'logger' | 'onStop'>,
  reads: Pool,
): ChangeFeed {
  const feed = new ChangeFeed();
  const following = followChanges({ databaseUrl: directUrl(config), reads, feed, logger });
  onStop('following changes', () => following.stop());
  return feed;
}

function only(routes: OpsRoutes, path: string): OpsRoutes {
  const route = routes[path];
  return route === undefined ? {} : { [path]: route };
}

/** The address of its own at which clients of the peer expect it. */
async function listenForSatellite(
  { config, logger, onStop }: Pick<Service, 'config' | 'logger' | 'onStop'>,
  deps: ApiDeps,
): Promise<void> {
  const address = config.satelliteListen;
  if (address === undefined) return;
  const { hostname, port } = new URL(`http://${address}`);
  const app = buildSatelliteApi(deps);
  onStop('HTTP of the Satellite API', () => app.close());
  // Port 80 is the one that an address leaves out.
  const url = await app.listen({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? 80 : Number(port),
  });
  logger.info({ url }, 'the Satellite API listens');
}
