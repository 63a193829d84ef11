import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brokenRules } from '../../../support/books.js';
import { chaos, Chaos } from './any-sequence.helper.js';
import { ActionFixture } from './fixture.helper.js';

let fixture: ActionFixture;

beforeAll(async () => {
  fixture = await ActionFixture.create();
});
afterAll(() => fixture.close());

describe('any sequence of what can happen', () => {
  let runs = 0;

  it('ends with every attempt over and the books in order', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(chaos, { minLength: 5, maxLength: 35 }), async (steps) => {
        const world = await Chaos.begin(fixture, `c${(runs += 1)}`);
        for (const step of steps) await world.take(step);
        await world.settleDown();
        expect(await world.open()).toEqual([]);
        expect(await world.unbalanced()).toEqual([]);
        expect(await world.unspentAtNode()).toEqual([]);
        expect(await brokenRules(fixture.pool)).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });
});
