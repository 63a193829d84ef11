import { describe, expect, it } from 'vitest';
import { ChangeFeed } from '../../../../../services/api/events/change-feed.js';
import { type Mark, RowWatch } from '../../../../../services/api/pages/events/row-watch.js';
import { waitUntil } from '../../../../support/wait-until.js';

const EVERY_MS = 5;

function watchOf(
  marks: Map<string, string>,
  everyMs = EVERY_MS,
): { watch: RowWatch; reads: string[][]; changes: ChangeFeed } {
  const reads: string[][] = [];
  const changes = new ChangeFeed();
  const read = (keys: readonly string[]): Promise<ReadonlyMap<string, Mark>> => {
    reads.push([...keys]);
    const found = [...marks].filter(([key]) => keys.includes(key));
    return Promise.resolve(
      new Map(found.map(([key, mark]) => [key, { mark, topic: `of ${key}` }])),
    );
  };
  const watch = new RowWatch({ read, changes, everyMs, onError: () => undefined });
  return { watch, reads, changes };
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

  it('reads what may have changed at once, and nothing else', async () => {
    const marks = new Map(['a', 'b'].map((key) => [key, 'open'] as const));
    const { watch, reads, changes } = watchOf(new Map(marks), 3_600_000);
    const told: string[] = [];
    const ends = ['a', 'b'].map((key) => watch.watch(key, (mark) => told.push(`${key} ${mark}`)));
    // Twice: it may have changed before its topic was known.
    await waitUntil('both are read twice', () => reads.flat().length === 4);
    changes.publish(['of b']);
    await waitUntil('the one is read', () => reads.flat().length > 4);
    expect(reads.at(-1)).toEqual(['b']);
    expect(told).toEqual(['a open', 'b open']);
    for (const end of ends) end();
    expect(changes.isFollowed).toBe(false);
  });

  it('reads again what changed between its reading and the subscription to it', async () => {
    const marks = new Map([['a', 'open']]);
    const { watch, reads } = watchOf(marks, 3_600_000);
    const told: string[] = [];
    const end = watch.watch('a', (mark) => {
      if (mark === 'open') marks.set('a', 'paid');
      told.push(mark);
    });
    await waitUntil('the change is told', () => told.length === 2);
    expect([told, reads.length]).toEqual([['open', 'paid'], 2]);
    end();
  });

  it('goes on after a read that failed', async () => {
    let failures = 0;
    const open = new Map([['a', { mark: 'open', topic: null }]]);
    const watch = new RowWatch({
      read: () => (failures < 2 ? Promise.reject(new Error('away')) : Promise.resolve(open)),
      ...{ changes: undefined, everyMs: EVERY_MS, onError: () => (failures += 1) },
    });
    const told: string[] = [];
    const end = watch.watch('a', (mark) => told.push(mark));
    await waitUntil('the state is told', () => told.length === 1);
    expect([failures, told]).toEqual([2, ['open']]);
    end();
  });
});
