import { expect, it } from 'vitest';
import { ServedQueue } from '../../../services/worker/served-queue.js';
import { watchDatabase } from '../../../services/worker/watch-database.js';

it('tells once that PostgreSQL is lost, after a while, and once that it is back', async () => {
  const stop = new AbortController();
  const told: string[] = [];
  const answers = [true, false, true, false, false, false, false, true, true];
  await watchDatabase({
    ask: () => {
      const answer = answers.shift();
      if (answers.length === 0) stop.abort();
      return answer === true ? Promise.resolve() : Promise.reject(new Error('away'));
    },
    onLost: () => Promise.resolve(void told.push(`lost with ${answers.length} to come`)),
    onBack: () => Promise.resolve(void told.push('back')),
    signal: stop.signal,
    everyMs: 30,
    lostAfterMs: 80,
  });
  // One failure between two answers is not told.
  expect(told).toEqual([expect.stringMatching(/^lost with [23] to come$/), 'back']);
});

it('a queue is closed and opened in turn, once each', async () => {
  const steps: string[] = [];
  const queue = new ServedQueue(
    () => {
      steps.push('start');
      const stop = (): Promise<void> => Promise.resolve(void steps.push('stop'));
      return Promise.resolve({
        cachedWorkflows: () => 3,
        done: new Promise(() => undefined),
        stop,
      });
    },
    () => undefined,
  );
  await Promise.all([queue.open(), queue.open(), queue.close(), queue.close(), queue.open()]);
  expect(steps).toEqual(['start', 'stop', 'start']);
  expect([queue.isServed, queue.cachedWorkflows]).toEqual([true, 3]);
});
