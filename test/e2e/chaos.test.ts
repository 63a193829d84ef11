import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageRoot } from '../../db/package-root.js';
import { CHAOS_ENVIRONMENT } from '../soak/chaos/environment.js';
import { reportLines, runChaos } from '../soak/chaos/run.js';
import { System } from './system.helper.js';

/** To repeat a failing run, set CHAOS_SEED to its seed. */
const SEEDS = (process.env['CHAOS_SEED'] ?? '1').split(',').map(Number);
const SECONDS = Number(process.env['CHAOS_SECONDS'] ?? 90);

let system: System;

beforeAll(async () => {
  system = await System.start({ doubled: true, environment: CHAOS_ENVIRONMENT });
});
afterAll(() => system.stop());

it.each(SEEDS)(
  'under random faults nothing is lost, done twice or stuck (seed %i)',
  async (seed) => {
    const report = await runChaos(system, { seed, seconds: SECONDS });
    process.stdout.write(`${reportLines(seed, report).join('\n')}\n`);
    // Otherwise the run tested nothing.
    expect(report.outcomes['PAID']).toBeGreaterThan(0);
    expect(report.failedChecks, `seed ${seed}:\n${report.faults.join('\n')}`).toEqual([]);
  },
);

/** Runs the command like an operator. */
function doctor(...options: string[]): Promise<{ exitCode: unknown; output: string }> {
  const script = join(packageRoot(), 'dist/services/cli/main.js');
  const { variables } = system.parts;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [script, 'doctor', ...options],
      { env: variables },
      (error, stdout, stderr) => {
        resolve({ exitCode: error?.code ?? 0, output: stdout + stderr });
      },
    );
  });
}

it('the doctor reports in a table or in JSON, and by its exit code', async () => {
  const healthy = await doctor();
  expect(healthy.exitCode).toBe(0);
  expect(healthy.output).toMatch(/, 0 failed\n$/);
  expect(healthy.output).toMatch(/^entries sum to zero per asset +ok$/m);
  await system.pool.query('update transmission_counter set last = last + 7');
  const failing = await doctor();
  expect(failing.exitCode).toBe(1);
  expect(failing.output).toMatch(/, 1 failed\n$/);
  expect(failing.output).toMatch(/no gap +BROKEN +\d+, \d+, \d+, \d+, \d+ and 2 more$/m);
  const { exitCode, output } = await doctor('--json', '--at-rest');
  expect(exitCode).toBe(1);
  const findings = output
    .trim()
    .split('\n')
    .map((line) => finding.parse(JSON.parse(line)));
  expect(findings.filter(({ verdict }) => verdict !== 'ok')).toMatchObject([
    { check: 'transmission numbers have no gap', verdict: 'BROKEN', count: 7 },
  ]);
});

const finding = z.object({ check: z.string(), verdict: z.string(), count: z.int() });
