import type { Pool } from 'pg';
import { listen } from '../../db/listener.js';
import { PATIENT, PROMPT, type PoolLimits } from '../../db/pool-limits.js';
import { createNotifier, OUTBOX_CHANNEL } from '../../db/notifier.js';
import { type TaskQueue, WORKFLOW_QUEUES } from '../../domain/names/workflows.js';
import { NEEDS } from '../shared/config.js';
import { createEngineContext } from '../shared/engine-context.js';
import { createNode } from '../../adapters/lightning/create-node.js';
import { registerOutboxMetrics } from '../shared/metrics-outbox.js';
import { registerOutgoingMetrics } from '../shared/metrics-outgoing.js';
import { registerOverdueMetrics } from '../shared/metrics-overdue.js';
import { registerRotationMetrics } from '../shared/metrics-rotation.js';
import { registerStreamMetrics } from '../shared/metrics-streams.js';
import { closeNats, connectNats } from '../shared/nats.js';
import { watchRealNode } from '../shared/node-health.js';
import { createPool, directUrl, openPools, type Pools } from '../shared/pool.js';
import { createWebhookContext } from '../shared/webhook-context.js';
import { runService, type Service } from '../shared/process.js';
import { requireSchema } from '../shared/schema.js';
import type { PublicKeys } from '../shared/signatures/keys.js';
import { scrapers } from '../shared/scraper.js';
import { connectTemporal } from '../shared/temporal.js';
import { tracedNode } from '../shared/tracing/traced-node.js';
import { type ConsumerParts, StreamConsumer } from './consumer/consumer.js';
import { confirmations } from './consumer/confirmations.js';
import { intake } from './consumer/intake.js';
import { cancellations, payments } from './consumer/payments.js';
import { startWalletSealing } from './maintenance/seal-wallets.js';
import {
  type MaintenanceParts,
  startAutoWithdrawals,
  startEffects,
  startRetries,
  startClosing,
  startCreditExpiry,
  startParked,
  startReconcile,
  startRetention,
  startItemRollUp,
  startRewards,
  startRollUp,
  startSweep,
  startTrust,
  startUploadSweep,
} from './maintenance/tasks.js';
import { makeCall } from '../../engine/incoming/make-call.js';
import { RelayMetrics } from './metrics.js';
import { NodeCallMetrics } from './metrics-node-calls.js';
import type { Destination } from './outbox/destination.js';
import { OutboxLoop } from './outbox/loop.js';
import { natsDestination } from './outbox/nats-destination.js';
import { NodeLoop } from './outbox/node/node-loop.js';
import { TemporalBacklog } from './outbox/temporal-backlog.js';
import { temporalDestination } from './outbox/temporal-destination.js';
import { WebhookSender } from './webhooks/sender.js';

/** Two outbox loops, NOTIFY, metrics: neither messages nor maintenance must keep them waiting for a connection. */
const OWN_CONNECTIONS = 6;
/** Ten tasks, most of them a look at one row. */
const MAINTENANCE_CONNECTIONS = 4;
const POOLS = ['payments', 'cancellations', 'confirmations', 'intake', 'calls'] as const;
const WEBHOOK_CONNECTIONS = 4;
/** A message whose lock another holds is better redelivered than waited for: others come behind it. */
const MESSAGE_LIMITS: PoolLimits = { ...PROMPT, lockMs: 1_000 };
/** The node has answered, and what it said is to be written: worth a longer wait for a connection. */
const CALL_LIMITS: PoolLimits = { ...PROMPT, connectMs: PATIENT.connectMs };
const LIMITS = {
  ...{ payments: MESSAGE_LIMITS, cancellations: MESSAGE_LIMITS },
  ...{ confirmations: MESSAGE_LIMITS, intake: MESSAGE_LIMITS },
  calls: CALL_LIMITS,
} as const;

interface MessageParts {
  readonly outboxChanged: () => void;
  readonly messagePools: Pools<Exclude<(typeof POOLS)[number], 'calls'>>;
}

type Busy = Pick<StreamConsumer<never, never>, 'busy'>;

/** Parts stop in the reverse order of their start. Delivery to Temporal starts without waiting for NATS. */
runService(
  'relay',
  async (service) => {
    const { config, logger, metrics: registry } = service;
    await requireSchema(service);
    const pool = createPool({ ...config, dbPoolSize: OWN_CONNECTIONS }, logger, { name: 'outbox' });
    service.onStop('PostgreSQL', () => pool.end());
    service.addCheck('postgres', () => pool.query('select 1'));
    service.letScrape(scrapers(pool));
    registerOutboxMetrics(registry, logger, pool);
    registerOverdueMetrics(registry, logger, pool);
    registerOutgoingMetrics(registry, logger, pool);
    registerRotationMetrics(registry, logger, pool);
    const { calls, ...messagePools } = openPools(service, POOLS, LIMITS);

    const metrics = new RelayMetrics(registry);
    const consumers: Busy[] = [];
    const messagesWait = (): boolean => consumers.some(({ busy }) => busy);
    const loops: Pick<OutboxLoop, 'wake'>[] = [];
    const wakeLoops = (): void => {
      for (const loop of loops) loop.wake();
    };
    const notify = createNotifier(pool, (err) => logger.warn({ err }, 'relays were not notified'));
    const outboxChanged = (): void => {
      wakeLoops();
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
    listenToWriters(service, wakeLoops);
    const temporal = toTemporal(service, metrics);
    startLoop(temporal.destination);
    loops.push(startNodeCalls(service, calls, outboxChanged));
    const isBehind = (queue: TaskQueue): Promise<boolean> => temporal.backlog.isBehindNow(queue);
    startWebhooks(service);
    startMaintenance(service, { config, logger, metrics, outboxChanged, isBehind });
    consumers.push(
      ...(await startNatsSide(service, metrics, { startLoop, outboxChanged, messagePools })),
    );
  },
  NEEDS.relay,
);

/** What is looked at from time to time, whether or not anybody asks. */
function startMaintenance(service: Service, others: Omit<MaintenanceParts, 'pool'>): void {
  const { config, logger } = service;
  const sized = { ...config, dbPoolSize: MAINTENANCE_CONNECTIONS };
  const pool = createPool(sized, logger, { name: 'maintenance' });
  service.onStop('PostgreSQL for maintenance', () => pool.end());
  const parts: MaintenanceParts = { ...others, pool };
  const sweep = startSweep(parts);
  service.onStop('sweep', () => sweep.stop());
  const reconcile = startReconcile(parts);
  service.onStop('asking the node', () => reconcile.stop());
  const parked = startParked(parts);
  service.onStop('what types could not undo', () => parked.stop());
  const effects = startEffects(parts);
  service.onStop('effects of actions', () => effects.stop());
  const rollUps = startRollUp(parts);
  service.onStop('sums of system accounts', () => rollUps.stop());
  const rewards = startRewards(parts);
  service.onStop('rewards', () => rewards.stop());
  const uploads = startUploadSweep(parts);
  service.onStop('sweep of uploads', () => uploads.stop());
  const items = startItemRollUp(parts);
  service.onStop('counters of items', () => items.stop());
  const trust = startTrust(parts, directUrl(config));
  service.onStop('trust', () => trust.stop());
  const expiry = startCreditExpiry(parts);
  service.onStop('expiry of credits', () => expiry.stop());
  const { outboxChanged } = parts;
  const engine = createEngineContext(config, {
    pool,
    node: tracedNode(createNode(config)),
    outboxChanged,
  });
  const closing = startClosing(parts, engine);
  service.onStop('closing of orders', () => closing.stop());
  const sealing = startWalletSealing(parts, engine);
  service.onStop('secrets of wallets', () => sealing.stop());
  const retention = startRetention(parts);
  service.onStop('retention', () => retention.stop());
}

function listenToWriters(service: Service, onNotify: () => void): void {
  const { config, logger } = service;
  const listener = listen({
    connectionString: directUrl(config),
    applicationName: 'quittance-relay-listen',
    channel: OUTBOX_CHANNEL,
    onNotify,
    onLost: (err) => logger.warn({ err }, 'not listening for now; polling continues'),
  });
  service.onStop('listening', () => listener.stop());
}

function toTemporal(
  service: Service,
  metrics: RelayMetrics,
): { destination: Destination; backlog: TemporalBacklog } {
  const { config, logger } = service;
  const client = connectTemporal(config, logger, { retries: false });
  service.onStop('Temporal', () => client.connection.close());
  service.addCheck('temporal', () => client.connection.workflowService.getSystemInfo({}));
  const backlog = new TemporalBacklog(client, config.temporalNamespace, { logger, metrics });
  const isBehind = (): boolean => backlog.isBehind(WORKFLOW_QUEUES.paidAction);
  const destination = temporalDestination(client, config.temporalNamespace, logger, isBehind);
  return { destination, backlog };
}

/** Sends to strangers: it has connections of its own, and is not awaited by anything. */
function startWebhooks(service: Service): void {
  const { config, logger } = service;
  const sized = { ...config, dbPoolSize: WEBHOOK_CONNECTIONS };
  const pool = createPool(sized, logger, { name: 'webhooks' });
  service.onStop('PostgreSQL for webhooks', () => pool.end());
  const { keys } = createWebhookContext(config, pool);
  const sender = new WebhookSender({
    ...{ pool, keys, logger, networks: config.webhookNetworks, pollMs: config.outboxPollMs },
  });
  sender.start();
  service.onStop('webhooks', () => sender.stop());
}

/** Calls have connections of their own: neither messages nor calls must keep the other waiting for one. */
function startNodeCalls(service: Service, pool: Pool, outboxChanged: () => void): NodeLoop {
  const { config, logger } = service;
  const node = tracedNode(createNode(config));
  watchRealNode(service, node);
  const engine = createEngineContext(config, { pool, node, outboxChanged });
  const loop = new NodeLoop((kind, hash) => makeCall(engine, kind, hash), {
    pool,
    logger,
    metrics: new NodeCallMetrics(service.metrics),
    pollMs: config.outboxPollMs,
  });
  loop.start();
  service.onStop('calls to the node', () => loop.stop());
  const withdrawals = startAutoWithdrawals(engine, logger);
  service.onStop('auto-withdrawals', () => withdrawals.stop());
  const retries = startRetries(engine, logger);
  service.onStop('automatic retries', () => retries.stop());
  return loop;
}

async function startNatsSide(
  service: Service,
  metrics: RelayMetrics,
  hooks: { startLoop: (to: Destination) => void } & MessageParts,
): Promise<readonly Busy[]> {
  const { config, logger } = service;
  const nc = await connectNats(config, logger, 'relay');
  void nc.closed().then((err) => {
    if (err === undefined) return;
    // It ends only when NATS denies access: the supervisor restarts the process.
    logger.fatal({ err }, 'the connection to NATS ended');
    process.exit(1);
  });
  service.onStop('NATS', () => closeNats(nc));
  service.addCheck('nats', () => nc.flush());
  const manager = await nc.jetstreamManager({ checkAPI: false });
  registerStreamMetrics(service.metrics, logger, manager);
  hooks.startLoop(natsDestination(nc, config.natsReplicas));

  return startConsumers(service, { ...hooks, nc, metrics });
}

/** Each has workers and connections of its own. Returns those that somebody waits for. */
function startConsumers(
  service: Service,
  {
    nc,
    metrics,
    outboxChanged,
    messagePools,
  }: MessageParts & Pick<ConsumerParts, 'nc' | 'metrics'>,
): readonly Busy[] {
  const { config, logger } = service;
  const node = tracedNode(createNode(config));
  const partsFor = (name: keyof typeof messagePools, publicKeys?: PublicKeys): ConsumerParts => {
    const engine = createEngineContext(config, { pool: messagePools[name], node, outboxChanged });
    const { natsReplicas: replicas } = config;
    return {
      ...{ nc, engine, logger, metrics },
      ...(replicas !== undefined && { replicas }),
      ...(publicKeys && { publicKeys }),
    };
  };
  const { paymentsPublicKeys, confirmationsPublicKeys } = config;
  const urgent = [
    new StreamConsumer(payments, partsFor('payments', paymentsPublicKeys)),
    new StreamConsumer(confirmations, partsFor('confirmations', confirmationsPublicKeys)),
  ];
  const all = [
    ...urgent,
    new StreamConsumer(cancellations, partsFor('cancellations', paymentsPublicKeys)),
    new StreamConsumer(intake, partsFor('intake')),
  ];
  for (const consumer of all) consumer.start();
  service.onStop('messages', () => Promise.all(all.map((consumer) => consumer.stop())));
  return urgent;
}
