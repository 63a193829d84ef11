import { waitUntil } from '../../support/wait-until.js';
import type { Bench } from '../bench.js';
import { burst } from '../callers.js';
import { Actors, type Opened } from '../actors.js';
import type { Values } from '../part.js';
import type { FigureSpec } from '../report/figure.js';
import { terminateWorkflows, waitForEmptyOutbox, waitForStartedWorkflows } from './idle-wait.js';
import { quietUpdates } from './invoice-updates.js';
import { FLOWS } from './flows.js';
import { Outcomes } from './outcomes.js';
import { sustain } from './sustain.js';

const READY_MS = 60_000;

export const WAITING_FIGURES: readonly FigureSpec[] = [
  {
    id: 'waiting.update',
    title: 'many waiting, cold cache: invoice update to PAID, p50',
    unit: 'ms',
    floor: 'zap.update',
    aim: { of: 'ratio', is: 'at most', bound: 1.3 },
  },
  {
    id: 'waiting.optimistic',
    title: 'many waiting: optimistic, sustained',
    unit: 'per second',
    floor: 'sustained.optimistic',
  },
];

/** Invoice updates while `count` workflows wait, with a restarted worker that has none of them in its cache. */
export async function withManyWaiting(bench: Bench, count: number): Promise<Values> {
  const { apiUrl, operatorToken, nats } = bench.parts;
  const { quiet, seconds } = bench.options.sizes;
  const actors = await Actors.create(apiUrl, operatorToken);
  await actors.prepare(count);
  const opened: Opened[] = [];
  await burst(count, async () => {
    opened.push(await actors.openZap());
  });
  await waitForEmptyOutbox(bench);
  await waitForStartedWorkflows(bench);
  await restartWorker(bench);
  const outcomes = new Outcomes(nats);
  const update = await quietUpdates(bench, outcomes, opened.slice(0, quiet));
  outcomes.close();
  const values: Record<string, number> = { 'waiting.update': update.p50 };
  const optimistic = FLOWS.find(({ name }) => name === 'optimistic');
  if (optimistic !== undefined) {
    await actors.prepare(400 * seconds);
    const { perSecond } = await sustain(bench, actors, optimistic, seconds);
    values['waiting.optimistic'] = perSecond;
  }
  await terminateWorkflows(bench);
  return values;
}

/** Ends the worker; the supervisor starts it again. */
async function restartWorker({ parts: { processes } }: Bench): Promise<void> {
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

/** `url` is the old address until the new process has announced its own. */
async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );
}
