import { afterAll, beforeAll, expect, it } from 'vitest';
import { CHAOS_ENVIRONMENT } from '../soak/chaos/environment.js';
import { reportLines, runChaos } from '../soak/chaos/run.js';
import { System } from './system.js';

/** A failing run is run again with CHAOS_SEED=<its seed>. */
const SEEDS = (process.env['CHAOS_SEED'] ?? '1').split(',').map(Number);
const SECONDS = Number(process.env['CHAOS_SECONDS'] ?? 60);

let system: System;

beforeAll(async () => {
  system = await System.start({ doubled: true, environment: CHAOS_ENVIRONMENT });
});
afterAll(() => system.stop());

it.each(SEEDS)('whatever happens, nothing is lost, doubled or stuck (seed %i)', async (seed) => {
  const report = await runChaos(system, { seed, seconds: SECONDS });
  process.stdout.write(`${reportLines(seed, report).join('\n')}\n`);
  expect(report.ill, `seed ${seed}:\n${report.mishaps.join('\n')}`).toEqual([]);
});
