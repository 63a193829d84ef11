import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { brokenRules } from '../../../support/books.js';
import { FENCED, runSchedule, schedule } from './outgoing-schedules.helper.js';
import { Wrapping } from './wrapping.helper.js';

let at: Wrapping;

beforeAll(async () => {
  at = await Wrapping.create();
});
afterAll(() => at.fixture.close());

it('never pays twice, and never gives back what it paid, in random orders of events', async () => {
  const ends = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(schedule, async (random) => {
      const state = await runSchedule(at, random);
      ends.set(state, (ends.get(state) ?? 0) + 1);
    }),
    { numRuns: 17, endOnFailure: true, examples: [...FENCED] },
  );
  expect(ends.get('PAID') ?? 0).toBeGreaterThan(0);
  expect(ends.get('FAILED, fenced') ?? 0).toBeGreaterThanOrEqual(2);
  expect(await brokenRules(at.fixture.pool)).toEqual([]);
}, 120_000);
