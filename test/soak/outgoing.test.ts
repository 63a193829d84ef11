import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startPostgresAlone } from '../../services/cli/servers/start-servers.js';
import type { DatabaseServer } from '../../services/cli/servers/types.js';
import { brokenRules } from '../support/books.js';
import { runSchedule, schedule } from '../integration/engine/actions/outgoing-schedules.helper.js';
import { Wrapping } from '../integration/engine/actions/wrapping.helper.js';

const RUNS = 10_000;
/** The books are checked after so many. */
const ROUND = 500;
const SEED = Number(process.env['CHAOS_SEED'] ?? 1);

let folder: string;
let server: DatabaseServer;
let at: Wrapping;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quittance-outgoing-'));
  await chmod(folder, 0o711);
  const report = (line: string): void => void process.stdout.write(`${line}\n`);
  const dataDir = join(folder, 'data');
  server = await startPostgresAlone({ dataDir, durable: false, env: process.env, report });
  process.env['DATABASE_URL'] = server.databaseUrl;
  at = await Wrapping.create();
});
afterAll(async () => {
  await at.fixture.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

it(`${RUNS} random orders of events: never two payouts, never a refund beside one`, async () => {
  const ends = new Map<string, number>();
  for (let seed = SEED; seed < SEED + RUNS / ROUND; seed += 1) {
    await fc.assert(
      fc.asyncProperty(schedule, async (random) => {
        const state = await runSchedule(at, random);
        ends.set(state, (ends.get(state) ?? 0) + 1);
      }),
      { numRuns: ROUND, seed, endOnFailure: true },
    );
    expect(await brokenRules(at.fixture.pool)).toEqual([]);
  }
  expect([...ends.keys()]).toEqual(expect.arrayContaining(['PAID', 'FAILED', 'FAILED, fenced']));
  process.stdout.write(`outgoing, by their ends: ${JSON.stringify(Object.fromEntries(ends))}\n`);
}, 3_600_000);
