import { z } from 'zod';
import { optional, withDefault } from './key.js';
import { networkList } from './networks.js';
import { hostAndPort, listOf, millis, seconds, text, wholeNumber } from './values.js';

const regions = listOf(['0', '1', '2', '3', '4', '5']).transform((list) => list.map(Number));

const slots = wholeNumber(1, 10_000);

export const relayKeys = {
  QUITTANCE_SWEEP_INTERVAL_SECONDS: withDefault(seconds, '5', {
    description: 'How often the relay looks for overdue rows.',
    unit: 'seconds',
  }),
  QUITTANCE_SWEEP_GRACE_SECONDS: withDefault(seconds, '15', {
    description:
      'How long after its deadline a row is left to its workflow before the sweep starts or wakes it.',
    unit: 'seconds',
  }),
  QUITTANCE_RECONCILE_SECONDS: withDefault(seconds, '300', {
    description:
      'How often the node is asked for an open invoice or payment even if no message comes, at most 100 every 5 s; 0 for never, which production refuses.',
    unit: 'seconds',
  }),
  QUITTANCE_OUTBOX_POLL_MS: withDefault(millis, '1000', {
    description: 'How often the relay reads the outbox when no notification arrives.',
    unit: 'milliseconds',
  }),
  QUITTANCE_OUTBOX_KEEP_HOURS: withDefault(wholeNumber(0, 24 * 366), '24', {
    description:
      'How long delivered outbox rows are kept, at least; at most twice as long, and two hours.',
    unit: 'hours',
  }),
  QUITTANCE_WEBHOOK_NETWORKS: withDefault(networkList, 'none', {
    description:
      'Private networks that webhooks may be sent to, like 10.1.0.0/16,127.0.0.0/8; http is taken there too. None for none: then only public addresses are sent to, by https.',
  }),
  QUITTANCE_START_DELAY_MS: withDefault(millis, '250', {
    description:
      'How long the start of a workflow waits in the outbox: what is finished by then needs one workflow task less.',
    unit: 'milliseconds',
  }),
};

export const workerKeys = {
  QUITTANCE_WORKER_QUEUES: withDefault(
    listOf(['actions', 'transmissions', 'intake', 'effects']),
    'actions,transmissions,intake,effects',
    {
      description: 'The task queues that a worker serves: actions, transmissions, intake, effects.',
    },
  ),
  QUITTANCE_WORKER_WORKFLOW_SLOTS: withDefault(slots, '40', {
    description: 'The maximum number of concurrent workflow tasks per queue.',
    unit: 'tasks',
  }),
  QUITTANCE_WORKER_ACTIVITY_SLOTS: withDefault(slots, '100', {
    description: 'The maximum number of concurrent activities per queue.',
    unit: 'tasks',
  }),
  QUITTANCE_WORKER_LOCAL_ACTIVITY_SLOTS: withDefault(slots, '100', {
    description: 'The maximum number of concurrent local activities per queue.',
    unit: 'tasks',
  }),
  QUITTANCE_WORKER_CACHED_WORKFLOWS: withDefault(wholeNumber(0, 1_000_000), '500', {
    description:
      'The maximum number of workflows in memory per queue; others are replayed at their next task.',
    unit: 'workflows',
  }),
  TEMPORAL_DEPLOYMENT_NAME: optional(text, {
    description:
      "The deployment, in Temporal's sense, that workers are a version of. Temporal's worker-controller sets it, with TEMPORAL_WORKER_BUILD_ID (docs/production.md). Not set: workers have no version.",
  }),
  TEMPORAL_WORKER_BUILD_ID: optional(text, {
    description:
      'The version. Such workers get no task until it is current or ramping in its deployment.',
  }),
};

export const stationKeys = {
  QUITTANCE_REGIONS: withDefault(regions, '0,1,2,3,4,5', {
    description: 'The regions whose ground stations this process runs.',
  }),
  QUITTANCE_STATION_SPEEDUP: withDefault(wholeNumber(1, 1_000_000), '1', {
    description:
      "How many times faster than the channel's rate the simulated stations send; can be switched while they run.",
    unit: 'times',
  }),
  QUITTANCE_STATION_CONFIRMS: withDefault(z.enum(['nats', 'http']), 'nats', {
    description:
      'How the simulated stations confirm: over NATS, or by POST /order/tx and /order/rx with QUITTANCE_SATELLITE_TOKEN.',
  }),
  QUITTANCE_STATION_MULTICAST: optional(hostAndPort, {
    description:
      'A multicast group and port, like 239.0.0.2:4433: the stations also send what they transmit there, on loopback, in Blocksat packets. Each region sends the same.',
  }),
};

export const simulatedNodeKeys = {
  QUITTANCE_LIGHTNING_HOLD_TIMEOUT_SECONDS: withDefault(seconds, '6600', {
    description:
      'The simulated node cancels a held payment after this. A real node does so some blocks before the payment would time out.',
    unit: 'seconds',
  }),
};
