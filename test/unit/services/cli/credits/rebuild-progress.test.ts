import { expect, test } from 'vitest';
import { showProgress } from '../../../../../services/cli/credits/rebuild-progress.js';

const doneOf = (addresses: number): object => ({
  after: '',
  addresses,
  rows: addresses,
  differed: 0,
  differing: [],
});

/** A query under way when the rebuild ends. */
async function answeredAfterTheEnd(answer: () => Promise<unknown>): Promise<string[]> {
  const lines: string[] = [];
  const ended = new AbortController();
  const ask = (): Promise<unknown> => {
    ended.abort();
    return answer();
  };
  await showProgress(ask, 'aleph', (line) => lines.push(line), ended.signal);
  return lines;
}

test('nothing is printed after the result, whatever a query under way answers', async () => {
  expect(await answeredAfterTheEnd(() => Promise.resolve(doneOf(300)))).toEqual([]);
  expect(await answeredAfterTheEnd(() => Promise.reject(new Error('not found')))).toEqual([]);
});

test('a line when there is progress, and one only when no worker answers', async () => {
  const ended = new AbortController();
  const answers: (() => Promise<unknown>)[] = [
    () => Promise.resolve(null),
    () => Promise.reject(new Error('deadline exceeded')),
    () => Promise.reject(new Error('deadline exceeded')),
    () => Promise.resolve(doneOf(100)),
    () => Promise.resolve(doneOf(100)),
    () => Promise.resolve(doneOf(250)),
  ];
  const ask = (): Promise<unknown> => {
    const answer = answers.shift();
    if (answer !== undefined) return answer();
    ended.abort();
    return Promise.resolve(doneOf(300));
  };
  const lines: string[] = [];
  await showProgress(ask, 'aleph', (line) => lines.push(line), ended.signal);
  expect(lines).toEqual([
    'aleph: no worker answers; start one that serves the queue effects',
    'aleph: 100 addresses',
    'aleph: 250 addresses',
  ]);
});
