import type { Part, Values } from '../part.js';
import { terminateWorkflows, waitForEmptyOutbox, waitForStartedWorkflows } from './idle-wait.js';
import { burstOfUpdates, quietUpdates } from './invoice-updates.js';
import { openBurst, openQuietly, prepareRounds, type Round } from './open-and-pay.js';

export const zap: Part = {
  name: 'zap',
  figures: [
    {
      id: 'zap.whole.burst',
      title: 'open a zap, with invoice, 40 callers',
      unit: 'per second',
      floor: 'floor.zap.burst',
    },
    { id: 'zap.backlog', title: '  until all workflows are started', unit: 's' },
    {
      id: 'zap.update',
      title: 'invoice update to PAID on NATS, p50',
      unit: 'ms',
      floor: ['floor.jetstream', 'floor.update.apply', 'floor.update.deliver'],
      aim: { of: 'ratio', is: 'at most', bound: 1.5 },
    },
    { id: 'zap.update.p99', title: 'invoice update to PAID on NATS, p99', unit: 'ms' },
    {
      id: 'zap.update.burst',
      title: 'invoice update to PAID on NATS, burst',
      unit: 'per second',
      aim: { of: 'value', is: 'at least', bound: 500 },
    },
  ],
  prepare: (bench) => prepareRounds(bench, { quiet: 50, burst: 200, updates: 200 }, zapRound),
};

async function zapRound(round: Round): Promise<Values> {
  const { bench, actors, outcomes, sizes } = round;
  const open = () => actors.openZap();
  await actors.prepare(sizes.quiet + sizes.burst);
  const update = await quietUpdates(bench, outcomes, await openQuietly(round, open));
  await terminateWorkflows(bench);

  const { opened, perSecond, backlog } = await openBurst(round, open);
  await waitForStartedWorkflows(bench);
  const updates = await burstOfUpdates(bench, outcomes, opened.slice(0, sizes.updates));
  await waitForEmptyOutbox(bench);
  await terminateWorkflows(bench);
  return {
    'zap.whole.burst': perSecond,
    'zap.backlog': backlog,
    'zap.update': update.p50,
    'zap.update.p99': update.p99,
    'zap.update.burst': updates,
  };
}
