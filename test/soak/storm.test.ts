import { afterAll, beforeAll, expect, it } from 'vitest';
import { System } from '../e2e/system.helper.js';
import { failedChecks, waitUntilIdle } from '../support/health.js';
import { runStorm, STORM_ENVIRONMENT } from './storm/storm.js';

const ATTEMPTS = Number(process.env['STORM_ATTEMPTS'] ?? 20_000);
const P99_MS = 2_000;

let system: System;

beforeAll(async () => {
  system = await System.start({ environment: STORM_ENVIRONMENT });
});
afterAll(() => system.stop());

it(`${ATTEMPTS} unpaid attempts without a worker, past their expiry: who pays does not notice`, async () => {
  const report = await runStorm(system, {
    ...{ attempts: ATTEMPTS, callers: 32, payEveryMs: 250, expirySeconds: 120 },
  });
  const { opened, openedInMs, notPaid, paidAfterMs, stillOpen } = report;
  const sorted = [...paidAfterMs].sort((a, b) => a - b);
  const at = (part: number): number =>
    Math.round(sorted[Math.floor(part * (sorted.length - 1))] ?? NaN);
  process.stdout.write(
    `${opened} opened in ${Math.round(openedInMs / 1000)} s; ${sorted.length} paid meanwhile, p50 ${at(0.5)} ms, ` +
      `p99 ${at(0.99)} ms, longest ${at(1)} ms; ${notPaid.length} not paid; ${stillOpen} still open\n`,
  );
  expect(notPaid).toEqual([]);
  expect(at(0.99)).toBeLessThanOrEqual(P99_MS);
  await waitUntilIdle(system, 1_200_000);
  expect(await failedChecks(system)).toEqual([]);
});
