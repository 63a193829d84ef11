import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alertRules, ALERTS } from '../../../deploy/monitoring/alerts.js';
import { FIRING, QUIET, type Series } from './alert-cases.helper.js';

const run = promisify(execFile);
const promtool = await run('promtool', ['--version']).then(
  () => true,
  () => false,
);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quittance-alerts-'));
  await writeFile(join(folder, 'rules.yaml'), alertRules());
});
afterAll(() => rm(folder, { recursive: true }));

test('each alert has series that let it fire', () => {
  expect(Object.keys(FIRING).sort()).toEqual(ALERTS.map(({ name }) => name).sort());
});

const title = promtool ? 'by promtool' : 'by promtool (not run: no promtool on PATH)';
describe.skipIf(!promtool)(title, () => {
  test('the rules are valid', async () => {
    await run('promtool', ['check', 'rules', join(folder, 'rules.yaml')]);
  });

  test('each fires where it must, and none does in a quiet hour', async () => {
    const firing = ALERTS.map(({ name }) => evaluation(FIRING[name] ?? [], [name], 1));
    const quiet = evaluation(
      QUIET,
      ALERTS.map(({ name }) => name),
      0,
    );
    const file = join(folder, 'tests.json');
    await writeFile(
      file,
      JSON.stringify({
        ...{ rule_files: ['rules.yaml'], evaluation_interval: '1m' },
        tests: [...firing, quiet],
      }),
    );
    // Fails with what promtool says: the alert and how many of it were firing.
    await run('promtool', ['test', 'rules', file]);
  });
});

/** That after 65 minutes so many alerts of each of these names are firing. */
function evaluation(series: readonly Series[], names: readonly string[], count: number): object {
  return {
    ...{ interval: '1m', input_series: series },
    promql_expr_test: names.map((name) => ({
      // QuittanceLoss holds for an hour after the loss, at 30 minutes.
      eval_time: '65m',
      expr: `count(ALERTS{alertname="${name}",alertstate="firing"})`,
      exp_samples: count === 0 ? [] : [{ labels: '{}', value: count }],
    })),
  };
}
