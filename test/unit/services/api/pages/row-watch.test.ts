import { describe, expect, it } from 'vitest';
import { RowWatch } from '../../../../../services/api/pages/events/row-watch.js';
import { waitUntil } from '../../../../support/wait-until.js';

const EVERY_MS = 5;

function watchOf(marks: Map<string, string>): { watch: RowWatch; reads: string[][] } {
  const reads: string[][] = [];
  const read = (keys: readonly string[]): Promise<ReadonlyMap<string, string>> => {
    reads.push([...keys]);
    return Promise.resolve(new Map([...marks].filter(([key]) => keys.includes(key))));
  };
  return { watch: new RowWatch(read, EVERY_MS, () => undefined), reads };
}

describe('a watch over rows', () => {
  it('tells today’s state first, then each change once, to everybody who listens', async () => {
    const marks = new Map([['a', 'open']]);
    const { watch } = watchOf(marks);
    const told: string[] = [];
    const ends = [1, 2].map((n) => watch.watch('a', (mark) => told.push(`${n} ${mark}`)));
    await waitUntil('both are told', () => told.length === 2);
    marks.set('a', 'paid');
    await waitUntil('both are told again', () => told.length === 4);
    expect(told.sort()).toEqual(['1 open', '1 paid', '2 open', '2 paid']);
    for (const end of ends) end();
  });

  it('reads all of them at once, and nothing while nobody listens', async () => {
    const { watch, reads } = watchOf(new Map());
    const ends = ['a', 'b', 'c'].map((key) => watch.watch(key, () => undefined));
    await waitUntil('the rows are read', () => reads.length > 0);
    expect(reads[0]).toEqual(['a', 'b', 'c']);
    for (const end of ends) end();
    await waitUntil('nobody listens', () => watch.size === 0);
    const before = reads.length;
    await new Promise((resolve) => setTimeout(resolve, 10 * EVERY_MS));
    expect(reads.length).toBe(before);
  });

  it('goes on after a read that failed', async () => {
    let failures = 0;
    const read = (): Promise<ReadonlyMap<string, string>> =>
      failures < 2 ? Promise.reject(new Error('away')) : Promise.resolve(new Map([['a', 'open']]));
    const watch = new RowWatch(read, EVERY_MS, () => (failures += 1));
    const told: string[] = [];
    const end = watch.watch('a', (mark) => told.push(mark));
    await waitUntil('the state is told', () => told.length === 1);
    expect([failures, told]).toEqual([2, ['open']]);
    end();
  });
});
