import { percentile } from './report/statistics.js';

export const CALLERS = 40;

/** So many calls by 40 callers, each with one under way. Gives how many were answered per second. */
export async function burst(
  count: number,
  call: (index: number) => Promise<unknown>,
): Promise<number> {
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await call(next - 1);
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return (count * 1000) / (performance.now() - startedAt);
}

/** One call after the other; how long each took, in ms. */
export async function oneByOne(
  count: number,
  call: (index: number) => Promise<unknown>,
): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const startedAt = performance.now();
    await call(index);
    times.push(performance.now() - startedAt);
  }
  return times;
}

export function p50(times: readonly number[]): number {
  return percentile(times, 50);
}

export function p99(times: readonly number[]): number {
  return percentile(times, 99);
}
