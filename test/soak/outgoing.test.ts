import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startPostgresAlone } from '../../services/cli/servers/start-servers.js';
import type { DatabaseServer } from '../../services/cli/servers/types.js';
import { brokenRules } from '../support/books.js';
import {
  runSchedule,
  schedule,
  ScheduleWorld,
} from '../integration/engine/actions/outgoing-schedules.helper.js';

const RUNS = 10_000;
/** The books are checked after so many. */
const ROUND = 250;
/** Each has a database and a node of its own. */
const WORLDS = 4;
const SEED = Number(process.env['CHAOS_SEED'] ?? 1);
/** No round begins later: the rest is run with the next seed, which is printed. */
const MINUTES = Number(process.env['CHAOS_MINUTES'] ?? 30);

let folder: string;
let server: DatabaseServer;
let worlds: readonly ScheduleWorld[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quittance-outgoing-'));
  await chmod(folder, 0o711);
  const report = (line: string): void => void process.stdout.write(`${line}\n`);
  const dataDir = join(folder, 'data');
  server = await startPostgresAlone({ dataDir, durable: false, env: process.env, report });
  process.env['DATABASE_URL'] = server.databaseUrl;
  worlds = await Promise.all(Array.from({ length: WORLDS }, () => ScheduleWorld.create()));
});
afterAll(async () => {
  for (const world of worlds) await world.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

it(`${RUNS} random orders of events: never two payouts, never a refund beside one`, async () => {
  const ends = new Map<string, number>();
  const until = Date.now() + MINUTES * 60_000;
  let next = SEED;
  const runRounds = async (world: ScheduleWorld): Promise<void> => {
    while (next < SEED + RUNS / ROUND && Date.now() < until) {
      const seed = next;
      next += 1;
      await runRound(world, seed, ends);
      process.stdout.write(`outgoing: round ${seed} passed; so far ${line(ends)}\n`);
    }
  };
  await Promise.all(worlds.map(runRounds));
  expect([...ends.keys()]).toEqual(expect.arrayContaining(['PAID', 'FAILED', 'FAILED, fenced']));
  process.stdout.write(
    `outgoing: ${(next - SEED) * ROUND} schedules, seeds ${SEED} to ${next - 1}; by their ends: ${line(ends)}\n`,
  );
}, 3_600_000);

function line(ends: ReadonlyMap<string, number>): string {
  return JSON.stringify(Object.fromEntries(ends));
}

async function runRound(
  world: ScheduleWorld,
  seed: number,
  ends: Map<string, number>,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(schedule, async (random) => {
      const state = await runSchedule(world, random);
      ends.set(state, (ends.get(state) ?? 0) + 1);
    }),
    { numRuns: ROUND, seed, endOnFailure: true },
  );
  expect(await brokenRules(world.at.fixture.pool)).toEqual([]);
}
