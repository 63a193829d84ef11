import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { table } from '../../services/cli/up/table.js';
import { System } from '../e2e/system.js';
import { CHAOS_ENVIRONMENT } from './chaos/environment.js';
import { leaksIn, LeakWatch, trendRows } from './chaos/leaks.js';
import { leftOpen, openAtRest, openRows } from './chaos/left-open.js';
import { reportLines, runChaos } from './chaos/run.js';

/** Given by `npm run test:soak -- --minutes 30 --seed 7`. */
const MINUTES = Number(process.env['CHAOS_MINUTES'] ?? 30);
const SEED = Number(process.env['CHAOS_SEED'] ?? 1);
/** A third of the time processes are killed; then they live: a third to warm up, a third in which they must not grow. */
const KILLED_SECONDS = (MINUTES * 60) / 3;
const LIVED_SECONDS = KILLED_SECONDS * 2;
/** A worker's memory grows for five minutes and more until it is warm. */
const SHORTEST_FOR_LEAKS = 1_200;

let system: System;
const say = (lines: readonly string[]): void => void process.stdout.write(`${lines.join('\n')}\n`);

beforeAll(async () => {
  system = await System.start({ doubled: true, environment: CHAOS_ENVIRONMENT });
});
afterAll(() => system.stop());

describe(`${MINUTES} minutes, seed ${SEED}`, () => {
  it('processes die at any moment, and nothing is lost, doubled or stuck', async () => {
    const report = await runChaos(system, { seed: SEED, seconds: KILLED_SECONDS });
    say(reportLines(SEED, report));
    expect(report.ill, report.mishaps.join('\n')).toEqual([]);
  });

  it('processes that live on, while servers come and go, do not grow', async () => {
    const before = await openAtRest(system.all());
    const watch = new LeakWatch(system.all());
    const options = { seed: SEED + 1, seconds: LIVED_SECONDS, killProcesses: false };
    const report = await runChaos(system, options);
    const trends = await watch.stop();
    const after = await openAtRest(system.all());
    say([
      ...reportLines(SEED + 1, report),
      table(trendRows(trends)),
      table(openRows(before, after)),
    ]);
    expect(report.ill, report.mishaps.join('\n')).toEqual([]);
    expect(watch.deaths).toEqual([]);
    expect(leftOpen(before, after)).toEqual([]);
    if (LIVED_SECONDS >= SHORTEST_FOR_LEAKS) expect(leaksIn(trends)).toEqual([]);
    else say(['memory: not judged, it takes --minutes 30 to tell a leak from warming up']);
  });
});
