import type { Bench } from '../bench.js';
import { burst, oneByOne } from '../callers.js';
import { Cast, type Opened } from '../actors.js';
import type { Part } from '../part.js';
import { begun, noWorkflows, outboxEmpty } from './idle-wait.js';
import { manyFacts, quietFacts } from './updates.js';
import { Outcomes } from './outcomes.js';

export const zap: Part = {
  name: 'zap',
  figures: [
    {
      id: 'zap.whole.burst',
      title: 'opening zap, with invoice, 40 callers',
      unit: 'per second',
      floor: 'floor.zap.burst',
    },
    { id: 'zap.backlog', title: '  until its workflows are started', unit: 's' },
    {
      id: 'zap.fact',
      title: 'fact to PAID on NATS, p50',
      unit: 'ms',
      floor: 'floor.jetstream',
      aim: { of: 'value', is: 'at most', bound: 10 },
    },
    { id: 'zap.fact.p99', title: 'fact to PAID on NATS, p99', unit: 'ms' },
    {
      id: 'zap.fact.burst',
      title: 'fact to PAID on NATS, burst',
      unit: 'per second',
      aim: { of: 'value', is: 'at least', bound: 500 },
    },
  ],
  async prepare(bench) {
    const { apiUrl, operatorToken, nats } = bench.parts;
    const cast = await Cast.hire(apiUrl, operatorToken);
    const outcomes = new Outcomes(nats);
    await round(bench, cast, outcomes, { quiet: 50, burst: 200, facts: 200 });
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
  await cast.prepare(sizes.quiet + sizes.burst);
  const opened: Opened[] = [];
  const open = async (): Promise<void> => {
    opened.push(await cast.openZap());
  };
  await oneByOne(sizes.quiet, open);
  await outboxEmpty(bench);
  const fact = await quietFacts(bench, outcomes, opened.splice(0));
  await noWorkflows(bench);

  const perSecond = await burst(sizes.burst, open);
  const burstOver = performance.now();
  await outboxEmpty(bench);
  const backlog = (performance.now() - burstOver) / 1000;
  await begun(bench);
  const factsPerSecond = await manyFacts(bench, outcomes, opened.slice(0, sizes.facts));
  await outboxEmpty(bench);
  await noWorkflows(bench);
  return {
    'zap.whole.burst': perSecond,
    'zap.backlog': backlog,
    'zap.fact': fact.p50,
    'zap.fact.p99': fact.p99,
    'zap.fact.burst': factsPerSecond,
  };
}
