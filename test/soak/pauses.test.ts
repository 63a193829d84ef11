import { afterAll, beforeAll, expect, it } from 'vitest';
import { System } from '../e2e/system.helper.js';
import { CHAOS_ENVIRONMENT } from './chaos/environment.js';
import { reportLines, runChaos } from './chaos/run.js';
import { BOTH_WAYS } from './chaos/both-ways.js';

/** In all; set by `npm run test:soak -- pauses --minutes 3`. */
const MINUTES = Math.min(20, Number(process.env['CHAOS_MINUTES'] ?? 20));
const SEED = Number(process.env['CHAOS_SEED'] ?? 1);
/** The rest is for the start and for the recovery, which takes two to three minutes on two busy cores. */
const SECONDS_OF_FAULTS = Math.max(60, MINUTES * 60 - 240);
const IN_FLIGHT = 100;
/** Else nearly every payment of which a part was paused would expire. */
const LONGER_THAN_A_PAUSE = {
  QUITTANCE_INVOICE_EXPIRY_SECONDS: '40',
  QUITTANCE_ORDER_INVOICE_EXPIRY_SECONDS: '40',
  QUITTANCE_LIGHTNING_HOLD_TIMEOUT_SECONDS: '60',
};

let system: System;

beforeAll(async () => {
  const environment = { ...CHAOS_ENVIRONMENT, ...LONGER_THAN_A_PAUSE };
  system = await System.start({ doubled: true, environment });
});
afterAll(() => system.stop());

it(`${IN_FLIGHT} payments in flight while processes and servers are killed and paused, seed ${SEED}`, async () => {
  const report = await runChaos(system, {
    ...{ seed: SEED, seconds: SECONDS_OF_FAULTS, pauses: true },
    ...{ clients: IN_FLIGHT, scenarios: BOTH_WAYS },
  });
  process.stdout.write(`${reportLines(SEED, report).join('\n')}\n`);
  expect(report.failedChecks, report.faults.join('\n')).toEqual([]);
  for (const end of ['wrapped PAID', 'wrapped FAILED', 'withdrawal PAID', 'withdrawal FAILED']) {
    expect(report.payments.states[end] ?? 0, end).toBeGreaterThan(0);
  }
});
