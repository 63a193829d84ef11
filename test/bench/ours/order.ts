import type { Bench } from '../bench.js';
import { burst, oneByOne } from '../callers.js';
import { Cast, type Opened } from '../actors.js';
import type { Part } from '../part.js';
import { lineFree, noWorkflows, outboxEmpty } from './idle-wait.js';
import { manyFacts, quietFacts } from './updates.js';
import { medianHistory } from './histories.js';
import { Outcomes } from './outcomes.js';

/** Each waits for the one before it: a channel has one line. */
const ONE_LINE = 10;

export const order: Part = {
  name: 'order',
  figures: [
    {
      id: 'order.whole.burst',
      title: 'opening order, with invoice, 40 callers',
      unit: 'per second',
      floor: 'floor.order.burst',
    },
    { id: 'order.backlog', title: '  until its workflows are started', unit: 's' },
    {
      id: 'order.fact',
      title: 'fact to transmission started on NATS, p50',
      unit: 'ms',
      floor: 'floor.jetstream',
    },
    { id: 'order.fact.p99', title: 'fact to transmission started on NATS, p99', unit: 'ms' },
    {
      id: 'order.line',
      title: 'transmissions on one line, six stations',
      unit: 'per second',
    },
    { id: 'history.order.events', title: 'transmission: history', unit: 'events' },
    { id: 'history.order.tasks', title: 'transmission: workflow tasks', unit: 'tasks' },
  ],
  async prepare(bench) {
    const { apiUrl, operatorToken, nats } = bench.parts;
    const cast = await Cast.hire(apiUrl, operatorToken);
    const outcomes = new Outcomes(nats);
    await round(bench, cast, outcomes, { quiet: 20, burst: 200, facts: 100 });
    return {
      round: () => round(bench, cast, outcomes, bench.options.sizes),
      stop: () => {
        outcomes.close();
        return Promise.resolve();
      },
    };
  },
};

async function round(
  bench: Bench,
  cast: Cast,
  outcomes: Outcomes,
  sizes: { quiet: number; burst: number; facts: number },
): Promise<Record<string, number>> {
  const opened: Opened[] = [];
  const open = async (): Promise<void> => {
    opened.push(await cast.openOrder());
  };
  await oneByOne(sizes.quiet, open);
  await outboxEmpty(bench);
  const quiet = opened.splice(0);
  const fact = await quietFacts(bench, outcomes, quiet, async () => {
    await lineFree(bench);
    await outboxEmpty(bench);
  });
  await outboxEmpty(bench);
  const history = await medianHistory(bench, quiet);
  await noWorkflows(bench);

  const perSecond = await burst(sizes.burst, open);
  const burstOver = performance.now();
  await outboxEmpty(bench);
  const backlog = (performance.now() - burstOver) / 1000;
  const line = await manyFacts(bench, outcomes, opened.slice(0, sizes.facts / ONE_LINE));
  await lineFree(bench);
  await outboxEmpty(bench);
  await noWorkflows(bench);
  return {
    'order.whole.burst': perSecond,
    'order.backlog': backlog,
    'order.fact': fact.p50,
    'order.fact.p99': fact.p99,
    'order.line': line,
    'history.order.events': history.events,
    'history.order.tasks': history.tasks,
  };
}
