import { setTimeout as pause } from 'node:timers/promises';
import type { Bench } from '../bench.js';
import { burst, p50, p99 } from '../callers.js';
import type { Opened } from '../actors.js';
import type { Outcomes } from './outcomes.js';
import { tellPaid } from './pay.js';

/** Long enough for the workflow that was woken to be over. */
const BETWEEN_MS = 50;

/** One fact at a time: from publishing it to its event on NATS, in ms. `calm` is waited for between two. */
export async function quietFacts(
  bench: Bench,
  outcomes: Outcomes,
  opened: readonly Opened[],
  calm: () => Promise<unknown> = () => Promise.resolve(),
): Promise<{ readonly p50: number; readonly p99: number }> {
  const times: number[] = [];
  for (const one of opened) {
    await calm();
    await pause(BETWEEN_MS);
    const toldAt = performance.now();
    const [at] = await Promise.all([outcomes.of(one.id), tellPaid(bench, one)]);
    times.push(at - toldAt);
  }
  return { p50: p50(times), p99: p99(times) };
}

/** Many facts by 40 publishers; how many per second had their event on NATS. */
export async function manyFacts(
  bench: Bench,
  outcomes: Outcomes,
  opened: readonly Opened[],
): Promise<number> {
  const startedAt = performance.now();
  const ends = opened.map((one) => outcomes.of(one.id));
  await burst(opened.length, (index) => {
    const one = opened[index];
    return one === undefined ? Promise.resolve() : tellPaid(bench, one);
  });
  const last = Math.max(...(await Promise.all(ends)));
  return (opened.length * 1000) / (last - startedAt);
}
