import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { packageRoot } from '../../db/package-root.js';
import { System } from '../e2e/system.helper.js';
import { failedChecks, waitUntilIdle } from '../support/health.js';
import { type Paid, payUntil, postInStorm } from './storm/pay-steadily.js';

/** Each half; set by `npm run test:soak -- bad-company --minutes 1`. */
const SECONDS = Math.min(120, Number(process.env['CHAOS_MINUTES'] ?? 2) * 60);
const IDLE = 1_000;
const SLOW = 200;
const PART_OF_A_CORE = 0.25;
const PAY_EVERY_MS = 200;

let system: System;
beforeAll(async () => {
  system = await System.start({});
});
afterAll(() => system.stop());

function p99Of(paid: readonly Paid[]): number {
  const sorted = paid.map(({ openMs, paidMs }) => openMs + paidMs).sort((a, b) => a - b);
  return Math.round(sorted[Math.floor(0.99 * (sorted.length - 1))] ?? NaN);
}

const report = z.object({
  perSecond: z.number(),
  sent: z.number(),
  statuses: z.record(z.string(), z.number()),
});

async function keepCompany(): Promise<z.output<typeof report>> {
  const script = join(packageRoot(), 'test/soak/storm/bad-company.mjs');
  const args = [system.parts.apiUrl, ...[IDLE, SLOW, PART_OF_A_CORE, SECONDS].map(String)];
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...args]);
  return report.parse(JSON.parse(stdout));
}

it('idle and slow connections and garbage do not double the time of a payment', async () => {
  const itemId = await postInStorm(system);
  const payer = { client: await system.account('payer'), itemId, everyMs: PAY_EVERY_MS };
  const end = performance.now() + SECONDS * 1000;
  const quiet = await payUntil(system, payer, () => performance.now() >= end);
  let over = false;
  const company = keepCompany().finally(() => (over = true));
  const crowded = await payUntil(system, payer, () => over);
  const { perSecond, sent, statuses } = await company;
  const line = `${perSecond} bad requests per second, ${sent} sent: ${JSON.stringify(statuses)}`;
  const p99 = `p99 of a payment: quiet ${p99Of(quiet)} ms, in bad company ${p99Of(crowded)} ms`;
  process.stdout.write(`${line}\n${p99}\n`);
  expect([...quiet, ...crowded].filter(({ state }) => state !== 'PAID')).toEqual([]);
  const failed = Object.keys(statuses).filter((status) => Number(status) >= 500);
  expect(failed).toEqual([]);
  expect(p99Of(crowded)).toBeLessThanOrEqual(2 * p99Of(quiet));
  await waitUntilIdle(system, 300_000);
  expect(await failedChecks(system)).toEqual([]);
});
