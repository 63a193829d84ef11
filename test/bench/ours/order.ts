import type { Part, Values } from '../part.js';
import { medianHistory } from './histories.js';
import { terminateWorkflows, waitForEmptyOutbox, waitForIdleChannel } from './idle-wait.js';
import { burstOfUpdates, quietUpdates } from './invoice-updates.js';
import { openBurst, openQuietly, prepareRounds, type Round } from './open-and-pay.js';

/** Fewer than zaps by this factor: a channel sends one transmission at a time. */
const FEWER = 10;

export const order: Part = {
  name: 'order',
  figures: [
    {
      id: 'order.whole.burst',
      title: 'open an order, with invoice, 40 callers',
      unit: 'per second',
      floor: 'floor.order.burst',
    },
    { id: 'order.backlog', title: '  until all workflows are started', unit: 's' },
    {
      id: 'order.update',
      title: 'invoice update to transmission started on NATS, p50',
      unit: 'ms',
      floor: 'floor.jetstream',
    },
    {
      id: 'order.update.p99',
      title: 'invoice update to transmission started on NATS, p99',
      unit: 'ms',
    },
    {
      id: 'order.channel',
      title: 'transmissions on one channel, six stations',
      unit: 'per second',
    },
    { id: 'history.order.events', title: 'transmission: history length', unit: 'events' },
    { id: 'history.order.tasks', title: 'transmission: workflow tasks', unit: 'tasks' },
  ],
  prepare: (bench) => prepareRounds(bench, { quiet: 20, burst: 200, updates: 100 }, orderRound),
};

async function orderRound(round: Round): Promise<Values> {
  const { bench, actors, outcomes, sizes } = round;
  const open = () => actors.openOrder();
  const quiet = await openQuietly(round, open);
  const update = await quietUpdates(bench, outcomes, quiet, async () => {
    await waitForIdleChannel(bench);
    await waitForEmptyOutbox(bench);
  });
  await waitForEmptyOutbox(bench);
  const history = await medianHistory(bench, quiet);
  await terminateWorkflows(bench);

  const { opened, perSecond, backlog } = await openBurst(round, open);
  const sent = await burstOfUpdates(bench, outcomes, opened.slice(0, sizes.updates / FEWER));
  await waitForIdleChannel(bench);
  await waitForEmptyOutbox(bench);
  await terminateWorkflows(bench);
  return {
    'order.whole.burst': perSecond,
    'order.backlog': backlog,
    'order.update': update.p50,
    'order.update.p99': update.p99,
    'order.channel': sent,
    'history.order.events': history.events,
    'history.order.tasks': history.tasks,
  };
}
