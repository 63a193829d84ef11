import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { table } from '../../services/cli/table.js';
import { System } from '../e2e/system.helper.js';
import { deathsSince, living } from './chaos/deaths.js';
import { CHAOS_ENVIRONMENT } from './chaos/environment.js';
import { INSPECTABLE } from './chaos/heap-after-collection.js';
import { grownSince, heldAtRest, heldRows } from './chaos/retained.js';
import { type ChaosOptions, reportLines, runChaos } from './chaos/run.js';

/** Given by `npm run test:soak -- --minutes 30 --seed 7`. */
const MINUTES = Number(process.env['CHAOS_MINUTES'] ?? 30);
const SEED = Number(process.env['CHAOS_SEED'] ?? 1);
/** In the first third processes are killed, in the second they live and become warm, in the last they must not grow. */
const THIRD_SECONDS = (MINUTES * 60) / 3;
/** A worker takes more than five minutes to become warm. */
const SHORTEST_FOR_LEAKS = 600;

let system: System;

beforeAll(async () => {
  const environment = { ...CHAOS_ENVIRONMENT, NODE_OPTIONS: INSPECTABLE };
  system = await System.start({ doubled: true, environment });
});
afterAll(() => system.stop());

const say = (lines: readonly string[]): void => void process.stdout.write(`${lines.join('\n')}\n`);

async function third(options: Pick<ChaosOptions, 'seed' | 'killProcesses'>): Promise<void> {
  const report = await runChaos(system, { ...options, seconds: THIRD_SECONDS });
  say(reportLines(options.seed, report));
  expect(report.ill, report.mishaps.join('\n')).toEqual([]);
}

describe(`${MINUTES} minutes, seed ${SEED}`, () => {
  it('processes die at any moment, and nothing is lost, doubled or stuck', () =>
    third({ seed: SEED }));

  it('processes that live on, while servers come and go, do not grow', async () => {
    const born = living(system.all());
    const cold = await heldAtRest(system.all());
    await third({ seed: SEED + 1, killProcesses: false });
    const warm = await heldAtRest(system.all());
    await third({ seed: SEED + 2, killProcesses: false });
    const end = await heldAtRest(system.all());
    say([table(heldRows([cold, warm, end]))]);
    expect(await deathsSince(born)).toEqual([]);
    if (THIRD_SECONDS >= SHORTEST_FOR_LEAKS) expect(grownSince(warm, end)).toEqual([]);
    else say(['growth: not judged, it takes --minutes 30 to tell a leak from warming up']);
  });
});
