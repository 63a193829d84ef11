import type { Pool } from 'pg';
import { listen } from '../../db/listener.js';
import { createNotifier, OUTBOX_CHANNEL } from '../../db/notifier.js';
import { createEngineContext } from '../shared/engine-context.js';
import { createNode } from '../../adapters/lightning/create-node.js';
import { registerOutboxMetrics } from '../shared/metrics-outbox.js';
import { registerStreamMetrics } from '../shared/metrics-streams.js';
import { closeNats, connectNats } from '../shared/nats.js';
import { createPool } from '../shared/pool.js';
import { runService, type Service } from '../shared/process.js';
import { connectTemporal } from '../shared/temporal.js';
import { startExpiring } from './expiry.js';
import { StreamConsumer } from './consumer/consumer.js';
import { stationConfirmations } from './consumer/confirmations.js';
import { invoiceUpdates } from './consumer/payments.js';
import { RelayMetrics } from './metrics.js';
import type { Destination } from './outbox/destination.js';
import { OutboxLoop } from './outbox/loop.js';
import { natsDestination } from './outbox/nats-destination.js';
import { temporalDestination } from './outbox/temporal-destination.js';
import { startClearing, startSweeping } from './maintenance.js';

/** Two outbox loops, the sweep, the clearing, NOTIFY, metrics: facts must not keep them waiting for a connection. */
const OWN_CONNECTIONS = 6;

/** What is stopped last is begun first; Temporal's side does not wait for NATS. */
runService('relay', async (service) => {
  const { config, logger, metrics: registry } = service;
  const pool = createPool({ ...config, dbPoolSize: OWN_CONNECTIONS }, logger);
  service.onStop('PostgreSQL', () => pool.end());
  service.addCheck('postgres', () => pool.query('select 1'));
  registerOutboxMetrics(registry, logger, pool);

  const metrics = new RelayMetrics(registry);
  const facts: { readonly busy: boolean }[] = [];
  const messagesWait = (): boolean => facts.some(({ busy }) => busy);
  const loops: OutboxLoop[] = [];
  const kick = (): void => {
    for (const loop of loops) loop.kick();
  };
  const notify = createNotifier(pool, (err) => logger.warn({ err }, 'the relays were not told'));
  const outboxChanged = (): void => {
    kick();
    notify();
  };
  const startLoop = (destination: Destination): void => {
    const loop = new OutboxLoop(destination, {
      pool,
      logger,
      metrics,
      pollMs: config.outboxPollMs,
      messagesWait,
    });
    loops.push(loop);
    loop.start();
    service.onStop(`outbox to ${destination.name}`, () => loop.stop());
  };
  listenToWriters(service, kick);
  startLoop(toTemporal(service));
  const upkeep = { config, pool, logger, metrics, outboxChanged };
  const sweeping = startSweeping(upkeep);
  service.onStop('sweep', () => sweeping.stop());
  const expiring = startExpiring(upkeep);
  service.onStop('expiry of credits', () => expiring.stop());
  const clearing = startClearing(upkeep);
  service.onStop('clearing', () => clearing.stop());
  facts.push(...(await startNatsSide(service, metrics, { startLoop, outboxChanged })));
});

function listenToWriters(service: Service, kick: () => void): void {
  const { config, logger } = service;
  const listener = listen({
    connectionString: config.databaseUrl,
    applicationName: 'quittance-relay-listen',
    channel: OUTBOX_CHANNEL,
    onNotify: kick,
    onLost: (err) => logger.warn({ err }, 'not listening for now; polling goes on'),
  });
  service.onStop('listening', () => listener.stop());
}

function toTemporal(service: Service): Destination {
  const { config, logger } = service;
  const client = connectTemporal(config, logger, { retries: false });
  service.onStop('Temporal', () => client.connection.close());
  service.addCheck('temporal', () => client.connection.workflowService.getSystemInfo({}));
  return temporalDestination(client, config.temporalNamespace, logger);
}

async function startNatsSide(
  service: Service,
  metrics: RelayMetrics,
  hooks: { startLoop: (to: Destination) => void; outboxChanged: () => void },
): Promise<readonly { readonly busy: boolean }[]> {
  const { config, logger } = service;
  const nc = await connectNats(config, logger, 'relay');
  void nc.closed().then((err) => {
    if (err === undefined) return;
    // It gives up only when it is no longer let in: the process is started again by whoever runs it.
    logger.fatal({ err }, 'the connection to NATS ended');
    process.exit(1);
  });
  service.onStop('NATS', () => closeNats(nc));
  service.addCheck('nats', () => nc.flush());
  const manager = await nc.jetstreamManager({ checkAPI: false });
  registerStreamMetrics(service.metrics, logger, manager);
  hooks.startLoop(natsDestination(nc));

  const pool: Pool = createPool(config, logger);
  service.onStop('PostgreSQL for facts', () => pool.end());
  const node = createNode(config);
  const engine = createEngineContext(config, { pool, node, outboxChanged: hooks.outboxChanged });
  const parts = { nc, engine, logger, metrics };
  const consumers = [
    new StreamConsumer(invoiceUpdates, parts),
    new StreamConsumer(stationConfirmations, parts),
  ];
  for (const consumer of consumers) consumer.start();
  service.onStop('facts', () => Promise.all(consumers.map((consumer) => consumer.stop())));
  return consumers;
}
