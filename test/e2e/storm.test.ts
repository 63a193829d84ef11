import { afterAll, beforeAll, expect, it } from 'vitest';
import { runStorm, STORM_ENVIRONMENT } from '../soak/storm/storm.js';
import { failedChecks, waitUntilIdle } from '../support/health.js';
import { System } from './system.helper.js';

let system: System;

beforeAll(async () => {
  system = await System.start({ environment: STORM_ENVIRONMENT });
});
afterAll(() => system.stop());

/** A sample: `npm run test:soak` opens 20,000. */
it('hundreds of attempts expire while no worker runs, and every payment made meanwhile is PAID', async () => {
  const { notPaid, paidAfterMs, stillOpen } = await runStorm(system, {
    ...{ attempts: 400, callers: 16, payEveryMs: 500, expirySeconds: 5 },
  });
  expect(notPaid).toEqual([]);
  expect(paidAfterMs.length).toBeGreaterThan(5);
  expect(stillOpen).toBeLessThan(20);
  await waitUntilIdle(system, 120_000);
  expect(await failedChecks(system)).toEqual([]);
});
