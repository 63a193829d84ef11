import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { brokenRules } from '../../../support/books.js';
import { FENCED, runSchedule, schedule, ScheduleWorld } from './outgoing-schedules.helper.js';

let world: ScheduleWorld;

beforeAll(async () => {
  world = await ScheduleWorld.create();
});
afterAll(() => world.close());

it('never pays twice, and never gives back what it paid, in random orders of events', async () => {
  const ends = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(schedule, async (random) => {
      const state = await runSchedule(world, random);
      ends.set(state, (ends.get(state) ?? 0) + 1);
    }),
    { numRuns: 17, endOnFailure: true, examples: [...FENCED] },
  );
  expect(ends.get('PAID') ?? 0).toBeGreaterThan(0);
  expect(ends.get('FAILED, fenced') ?? 0).toBeGreaterThanOrEqual(2);
  expect(await brokenRules(world.at.fixture.pool)).toEqual([]);
}, 120_000);
