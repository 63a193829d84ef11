import { afterAll, beforeAll, expect, it } from 'vitest';
import { System } from '../e2e/system.helper.js';
import { CHAOS_ENVIRONMENT } from './chaos/environment.js';
import { reportLines, runChaos } from './chaos/run.js';
import { ONE_PAYMENT } from './chaos/scenarios.js';

/** In all; set by `npm run test:soak -- pauses --minutes 3`. */
const MINUTES = Math.min(20, Number(process.env['CHAOS_MINUTES'] ?? 20));
const SEED = Number(process.env['CHAOS_SEED'] ?? 1);
/** The rest is for the start and for the recovery. */
const SECONDS_OF_FAULTS = MINUTES * 60 * 0.75;
const IN_FLIGHT = 100;

let system: System;

beforeAll(async () => {
  system = await System.start({ doubled: true, environment: CHAOS_ENVIRONMENT });
});
afterAll(() => system.stop());

it(`${IN_FLIGHT} payments in flight while processes and servers are killed and paused, seed ${SEED}`, async () => {
  const report = await runChaos(system, {
    ...{ seed: SEED, seconds: SECONDS_OF_FAULTS, pauses: true },
    ...{ clients: IN_FLIGHT, scenarios: ONE_PAYMENT },
  });
  process.stdout.write(`${reportLines(SEED, report).join('\n')}\n`);
  expect(report.failedChecks, report.faults.join('\n')).toEqual([]);
});
