import { afterAll, beforeAll, expect, it } from 'vitest';
import { System } from '../e2e/system.helper.js';
import { failedChecks, waitUntilIdle } from '../support/health.js';
import { CROWD_ENVIRONMENT, runCrowd } from './storm/crowd.js';
import type { Paid } from './storm/pay-steadily.js';

/** Each half; set by `npm run test:soak -- crowd --minutes 1`. */
const SECONDS = Math.min(120, Number(process.env['CHAOS_MINUTES'] ?? 2) * 60);
const TOO_MANY = '429 application/problem+json action.too_many_unpaid';
const OPENED = '201 application/json opened';

let system: System;

beforeAll(async () => {
  const environment = { ...CROWD_ENVIRONMENT, QUITTANCE_INVOICE_EXPIRY_SECONDS: '60' };
  system = await System.start({ environment });
});
afterAll(() => system.stop());

function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.floor(part * (sorted.length - 1))] ?? NaN);
}

const total = ({ openMs, paidMs }: Paid): number => openMs + paidMs;

function lineOf(name: string, paid: readonly Paid[]): string {
  const figures = [
    ['opening', paid.map(({ openMs }) => openMs)],
    ['payment', paid.map(({ paidMs }) => paidMs)],
    ['both', paid.map(total)],
  ] as const;
  const parts = figures.map(
    ([what, ms]) => `${what} p50 ${percentile(ms, 0.5)} ms, p99 ${percentile(ms, 0.99)} ms`,
  );
  return `${name}: ${paid.length} paid; ${parts.join('; ')}`;
}

it('a crowd without accounts is refused, and an account that pays does not notice', async () => {
  const { quiet, crowded, answers } = await runCrowd(system, {
    ...{ callers: 32, networks: 100, seconds: SECONDS, payEveryMs: 200 },
  });
  const lines = [
    `the crowd: ${JSON.stringify(answers)}`,
    lineOf('quiet', quiet),
    lineOf('crowded', crowded),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  expect(answers[TOO_MANY]).toBeGreaterThan(answers[OPENED] ?? 0);
  expect(Object.keys(answers).filter((answer) => ![TOO_MANY, OPENED].includes(answer))).toEqual([]);
  expect([...quiet, ...crowded].filter(({ state }) => state !== 'PAID')).toEqual([]);
  const p99 = (paid: readonly Paid[]): number => percentile(paid.map(total), 0.99);
  expect(p99(crowded)).toBeLessThanOrEqual(2 * p99(quiet));
  await waitUntilIdle(system, 300_000);
  expect(await failedChecks(system)).toEqual([]);
});
