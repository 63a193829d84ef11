import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { packageRoot } from '../../db/package-root.js';
import { System } from '../e2e/system.helper.js';
import { failedChecks, waitUntilIdle } from '../support/health.js';
import { type Paid, type Payer, payUntil, postInStorm } from './storm/pay-steadily.js';

/** In bad company; half of it before and half after in quiet. Set by `npm run test:soak -- bad-company --minutes 1`. */
const SECONDS = Math.min(120, Number(process.env['CHAOS_MINUTES'] ?? 2) * 60);
/** Not measured: code is compiled, and connections are opened. */
const WARM_UP_SECONDS = 10;
const IDLE = 1_000;
const SLOW = 200;
/** The API closes them again and again; meanwhile some are being opened. */
const PART_PRESENT = 0.9;
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

const connections = z.object({ average: z.number(), opened: z.number() });
const report = z.object({
  perSecond: z.number(),
  sent: z.number(),
  /** Of what that rate makes. */
  ofDue: z.number(),
  statuses: z.record(z.string(), z.number()),
  idle: connections,
  slow: connections,
});

interface Company {
  /** Resolves when all have connected; its seconds begin. */
  readonly ready: Promise<void>;
  readonly over: Promise<z.output<typeof report>>;
}

function keepCompany(): Company {
  const script = join(packageRoot(), 'test/soak/storm/bad-company.mjs');
  const args = [system.parts.apiUrl, ...[IDLE, SLOW, PART_OF_A_CORE, SECONDS].map(String)];
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const line: IteratorResult<string, unknown> = await lines.next();
    if (line.done === true) throw new Error('the bad company has ended too early');
    return line.value;
  };
  const ready = next().then((line) => expect(line).toBe('ready'));
  return { ready, over: ready.then(async () => report.parse(JSON.parse(await next()))) };
}

const payFor = (payer: Payer, seconds: number): Promise<readonly Paid[]> => {
  const end = performance.now() + seconds * 1000;
  return payUntil(system, payer, () => performance.now() >= end);
};

it('idle and slow connections and garbage do not double the time of a payment', async () => {
  const itemId = await postInStorm(system);
  const payer = { client: await system.account('payer'), itemId, everyMs: PAY_EVERY_MS };
  await payFor(payer, WARM_UP_SECONDS);
  const before = await payFor(payer, SECONDS / 2);
  const company = keepCompany();
  await company.ready;
  let isOver = false;
  const over = company.over.finally(() => (isOver = true));
  const crowded = await payUntil(system, payer, () => isOver);
  const { perSecond, ofDue, statuses, ...came } = await over;
  // Before and after, so that what changes with time alone counts for neither.
  const quiet = [...before, ...(await payFor(payer, SECONDS / 2))];
  const figures = [
    `${perSecond} bad requests per second, ${Math.round(ofDue * 100)} % of them sent: ${JSON.stringify(statuses)}`,
    `idle connections: ${came.idle.average} on average, ${came.idle.opened} opened; slow ones: ${came.slow.average}, ${came.slow.opened}`,
    `p99 of a payment: quiet ${p99Of(quiet)} ms (${quiet.length}), in bad company ${p99Of(crowded)} ms (${crowded.length})`,
  ];
  process.stdout.write(`${figures.join('\n')}\n`);
  expect([...quiet, ...crowded].filter(({ state }) => state !== 'PAID')).toEqual([]);
  expect(Object.keys(statuses).filter((status) => Number(status) >= 500)).toEqual([]);
  // Otherwise nothing was measured.
  expect(ofDue).toBeGreaterThan(PART_PRESENT);
  expect(came.idle.average).toBeGreaterThanOrEqual(PART_PRESENT * IDLE);
  expect(came.slow.average).toBeGreaterThanOrEqual(PART_PRESENT * SLOW);
  expect(p99Of(crowded)).toBeLessThanOrEqual(2 * p99Of(quiet));
  await waitUntilIdle(system, 300_000);
  expect(await failedChecks(system)).toEqual([]);
});
