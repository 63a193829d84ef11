import { withDefault } from './key.js';
import { listOf, millis, seconds, wholeNumber } from './values.js';

const regions = listOf(['0', '1', '2', '3', '4', '5']).transform((list) => list.map(Number));

const slots = wholeNumber(1, 10_000);

export const relayKeys = {
  QUITTANCE_SWEEP_INTERVAL_SECONDS: withDefault(seconds, '5', {
    description: 'How often the relay looks for open rows past their deadline.',
    unit: 'seconds',
  }),
  QUITTANCE_SWEEP_GRACE_SECONDS: withDefault(seconds, '15', {
    description: 'How long past its deadline a row is left to its own workflow.',
    unit: 'seconds',
  }),
  QUITTANCE_OUTBOX_POLL_MS: withDefault(millis, '1000', {
    description: 'How often the relay looks at the outbox when nothing wakes it.',
    unit: 'milliseconds',
  }),
  QUITTANCE_OUTBOX_KEEP_HOURS: withDefault(wholeNumber(0, 24 * 366), '24', {
    description: 'How long outbox rows are kept after they were delivered.',
    unit: 'hours',
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
    'actions,transmissions,effects',
    { description: 'The task queues a worker serves: actions, transmissions, intake, effects.' },
  ),
  QUITTANCE_WORKER_WORKFLOW_SLOTS: withDefault(slots, '40', {
    description: 'Workflow tasks a worker runs at once per queue.',
    unit: 'tasks',
  }),
  QUITTANCE_WORKER_ACTIVITY_SLOTS: withDefault(slots, '100', {
    description: 'Activities a worker runs at once per queue.',
    unit: 'tasks',
  }),
  QUITTANCE_WORKER_LOCAL_ACTIVITY_SLOTS: withDefault(slots, '100', {
    description: 'Local activities a worker runs at once per queue.',
    unit: 'tasks',
  }),
  QUITTANCE_WORKER_CACHED_WORKFLOWS: withDefault(wholeNumber(0, 1_000_000), '500', {
    description: 'Workflows a worker keeps in memory per queue; others are replayed when woken.',
    unit: 'workflows',
  }),
};

export const stationKeys = {
  QUITTANCE_REGIONS: withDefault(regions, '0,1,2,3,4,5', {
    description: 'The regions whose stations this ground-station process runs.',
  }),
  QUITTANCE_STATION_SPEEDUP: withDefault(wholeNumber(1, 1_000_000), '1', {
    description: "How many times faster than the channel's rate the simulated stations send.",
    unit: 'times',
  }),
};
