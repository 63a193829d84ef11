import { waitUntil } from '../../support/wait-until.js';
import type { Bench } from '../bench.js';
import { burst } from '../callers.js';
import { Cast, type Opened } from '../actors.js';
import type { Values } from '../part.js';
import type { FigureSpec } from '../report/figure.js';
import { begun, noWorkflows, outboxEmpty } from './idle-wait.js';
import { quietFacts } from './updates.js';
import { FLOWS } from './flows.js';
import { Outcomes } from './outcomes.js';
import { sustain } from './sustain.js';

const READY_MS = 60_000;

export const WAITING_FIGURES: readonly FigureSpec[] = [
  {
    id: 'waiting.fact',
    title: 'many waiting, cold: fact to PAID, p50',
    unit: 'ms',
    floor: 'zap.fact',
    aim: { of: 'ratio', is: 'at most', bound: 1.3 },
  },
  {
    id: 'waiting.optimistic',
    title: 'many waiting: optimistic, sustained',
    unit: 'per second',
    floor: 'sustained.optimistic',
  },
];

/** Facts with so many workflows waiting for theirs, and a worker that has none of them in its cache. */
export async function withManyWaiting(bench: Bench, count: number): Promise<Values> {
  const { apiUrl, operatorToken, nats } = bench.parts;
  const { quiet, seconds } = bench.options.sizes;
  const cast = await Cast.hire(apiUrl, operatorToken);
  await cast.prepare(count);
  const opened: Opened[] = [];
  await burst(count, async () => {
    opened.push(await cast.openZap());
  });
  await outboxEmpty(bench);
  await begun(bench);
  await startWorkerAnew(bench);
  const outcomes = new Outcomes(nats);
  const fact = await quietFacts(bench, outcomes, opened.slice(0, quiet));
  outcomes.close();
  const values: Record<string, number> = { 'waiting.fact': fact.p50 };
  const optimistic = FLOWS.find(({ name }) => name === 'optimistic');
  if (optimistic !== undefined) {
    await cast.prepare(400 * seconds);
    const { perSecond } = await sustain(bench, cast, optimistic, seconds);
    values['waiting.optimistic'] = perSecond;
  }
  await noWorkflows(bench);
  return values;
}

/** Its supervisor starts it again. */
async function startWorkerAnew({ parts: { processes } }: Bench): Promise<void> {
  const { worker } = processes;
  const { pid: before } = worker;
  if (before === undefined) throw new Error('the worker does not run');
  process.kill(before, 'SIGTERM');
  await waitUntil(
    'the worker runs again',
    () => worker.pid !== before && isReady(worker.url),
    READY_MS,
  );
}

/** Its address is the old one until it has said where it listens now. */
async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );
}
