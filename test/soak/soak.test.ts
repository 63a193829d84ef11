import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { table } from '../../services/cli/table.js';
import { System } from '../e2e/system.helper.js';
import { endedSince, pidsOf } from './chaos/crashes.js';
import { CHAOS_ENVIRONMENT } from './chaos/environment.js';
import { INSPECTABLE } from './chaos/heap-after-collection.js';
import { grownSince, measureRetained, retainedRows } from './chaos/retained.js';
import { type ChaosOptions, reportLines, runChaos } from './chaos/run.js';

/** Set by `npm run test:soak -- --minutes 30 --seed 7`. */
const MINUTES = Number(process.env['CHAOS_MINUTES'] ?? 30);
const SEED = Number(process.env['CHAOS_SEED'] ?? 1);
/** First third: processes are killed. Second: they keep running and warm up. Third: they must not grow. */
const THIRD_SECONDS = (MINUTES * 60) / 3;
/** A worker takes more than five minutes to warm up. */
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
  expect(report.failedChecks, report.faults.join('\n')).toEqual([]);
}

describe(`${MINUTES} minutes, seed ${SEED}`, () => {
  it('processes are killed at any time, and nothing is lost, done twice or stuck', () =>
    third({ seed: SEED }));

  it('processes that keep running while servers stop and start do not grow', async () => {
    const before = pidsOf(system.all());
    const cold = await measureRetained(system.all());
    await third({ seed: SEED + 1, killProcesses: false });
    const warm = await measureRetained(system.all());
    await third({ seed: SEED + 2, killProcesses: false });
    const end = await measureRetained(system.all());
    say([table(retainedRows([cold, warm, end]))]);
    expect(await endedSince(before)).toEqual([]);
    if (THIRD_SECONDS >= SHORTEST_FOR_LEAKS) expect(grownSince(warm, end)).toEqual([]);
    else say(['growth: not checked; --minutes 30 or more is needed to tell a leak from warm-up']);
  });
});
