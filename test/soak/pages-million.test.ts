import { afterAll, beforeAll, expect, it } from 'vitest';
import { System } from '../e2e/system.helper.js';
import { percentile } from '../bench/report/statistics.js';
import { fillFinished } from './pages/fill-finished.js';

/** `npm run test:soak -- pages-million`; a few minutes, whatever `--minutes` says. */
const FINISHED = 1_000_000;
const READS = 40;
const MOST_MS = 100;

let system: System;

beforeAll(async () => {
  system = await System.start();
});
afterAll(() => system.stop());

/** A browser of an operator: the cookie of its session. */
async function signIn(): Promise<string> {
  const { apiUrl, operatorToken } = system.parts;
  const answer = await fetch(new URL('/sign-in', apiUrl), {
    method: 'POST',
    redirect: 'manual',
    headers: { 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ token: operatorToken }),
  });
  expect(answer.status).toBe(303);
  return (answer.headers.getSetCookie()[0] ?? '').split(';', 1)[0] ?? '';
}

async function read(cookie: string): Promise<number> {
  const startedAt = performance.now();
  const answer = await fetch(new URL('/ops', system.parts.apiUrl), { headers: { cookie } });
  const text = await answer.text();
  const took = performance.now() - startedAt;
  expect(answer.status, text).toBe(200);
  expect(text).toContain('No payment is past its deadline.');
  return took;
}

/** Of tables that have grown: a small one is read best from end to end. */
async function scansOfLargeTables(): Promise<Map<string, number>> {
  const { rows } = await system.pool.query<{ name: string; scans: number }>(
    `select s.relname as name, s.seq_scan::float8 as scans from pg_stat_user_tables s
     join pg_class c on c.oid = s.relid where c.reltuples > 10000`,
  );
  return new Map(rows.map(({ name, scans }) => [name, scans]));
}

it(`the page of operators at ${FINISHED} finished actions`, async () => {
  const startedAt = performance.now();
  await fillFinished(system.pool, FINISHED);
  const filled = (performance.now() - startedAt) / 1000;
  const cookie = await signIn();
  for (let n = 0; n < 5; n += 1) await read(cookie);
  await settledStatistics();
  const before = await scansOfLargeTables();
  expect([...before.keys()]).toContain('attempts');
  const times: number[] = [];
  for (let n = 0; n < READS; n += 1) times.push(await read(cookie));
  await settledStatistics();
  const after = await scansOfLargeTables();
  const scanned = [...after].filter(([name, scans]) => scans > (before.get(name) ?? 0));
  const [p50, p95] = [percentile(times, 50), percentile(times, 95)];
  process.stdout.write(
    `${FINISHED} finished actions, filled in in ${Math.round(filled)} s: /ops p50 ${Math.round(p50)} ms, p95 ${Math.round(p95)} ms; ` +
      `scanned from end to end: ${scanned.map(([name]) => name).join(', ') || 'nothing'} of ${after.size} large tables\n`,
  );
  expect(scanned).toEqual([]);
  expect(p95).toBeLessThanOrEqual(MOST_MS);
});

/** A backend reports what it has scanned a second later at most; then it is asked to at once. */
async function settledStatistics(): Promise<void> {
  await system.pool.query('select pg_stat_force_next_flush()');
  await new Promise((resolve) => setTimeout(resolve, 1_500));
}
