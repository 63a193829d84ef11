import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { build } from './build.mjs';
import { stopLeftServers } from './left-servers.mjs';
import { root } from './paths.mjs';
import { runPassingSignals, StepFailed, stopIfInterrupted } from './run.mjs';
import { say } from './say.mjs';

/** Suites, and vitest's projects of each. */
const SUITES = {
  unit: ['unit'],
  workflow: ['workflow'],
  integration: ['database', 'servers'],
  e2e: ['e2e', 'faults'],
};

/**
 * Without arguments: `npm run check`, then every suite. Suites that are named run alone, without the check.
 * Other arguments are passed to vitest (part of a file name, `-t`). The last line has the sums.
 */
export async function test(args) {
  const failures = args.length === 0 ? await check() : [];
  try {
    await build();
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    say(error.message);
    return summary({ passed: 0, skipped: 0 }, [...failures, 'the build']);
  }
  return runSuites(args, failures);
}

async function runSuites(args, failures) {
  // All files of tests and their servers are in here, and are deleted with it.
  const scratch = mkdtempSync(join(tmpdir(), 'quittance-test-'));
  // PostgreSQL may run as another user, who must be able to enter.
  chmodSync(scratch, 0o711);
  try {
    const results = join(scratch, 'results.json');
    const exitCode = await vitest(args, scratch, results);
    const counts = countTests(results);
    failures.push(...counts.failures);
    failures.push(...(await stopLeftServers(scratch)));
    stopIfInterrupted();
    if (exitCode !== 0 && failures.length === 0) failures.push(`vitest: exit code ${exitCode}`);
    return summary(counts, failures);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function check() {
  const exitCode = await runPassingSignals('npm', ['run', '--silent', 'check'], { cwd: root });
  stopIfInterrupted();
  if (exitCode === 0) say('check: passed');
  return exitCode === 0 ? [] : ['npm run check'];
}

function vitest(args, scratch, results) {
  const projects = args.flatMap((arg) => SUITES[arg] ?? []);
  const others = args.filter((arg) => SUITES[arg] === undefined);
  return runPassingSignals(
    process.execPath,
    [
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      ...['--reporter=default', '--reporter=json', `--outputFile.json=${results}`],
      ...projects.flatMap((project) => ['--project', project]),
      ...others,
    ],
    { cwd: root, env: { ...plainOutput(), ...process.env, TMPDIR: scratch, TEST_COMPILED: '1' } },
  );
}

/** No colours when the output is not a terminal, unless FORCE_COLOR is set. */
function plainOutput() {
  return process.stdout.isTTY || process.env.FORCE_COLOR !== undefined ? {} : { NO_COLOR: '1' };
}

function summary({ passed, skipped }, failures) {
  say('');
  for (const failure of failures) say(`failed: ${failure}`);
  if (skipped > 0) say(`skipped: ${skipped}`);
  say(`tests: ${passed} passed, ${failures.length} failed`);
  return failures.length === 0 ? 0 : 1;
}

/** Sums of vitest's JSON report, with the names of failed tests. */
function countTests(file) {
  const counts = { passed: 0, skipped: 0, failures: [] };
  if (!existsSync(file)) return { ...counts, failures: ['vitest ended without a report'] };
  const { testResults } = JSON.parse(readFileSync(file, 'utf8'));
  for (const { name, status, assertionResults } of testResults) {
    const where = relative(root, name);
    const failed = assertionResults.filter((result) => result.status === 'failed');
    counts.passed += assertionResults.filter((result) => result.status === 'passed').length;
    counts.skipped += assertionResults.filter(isSkipped).length;
    counts.failures.push(...failed.map((result) => `${where} > ${result.fullName}`));
    // A file that cannot be loaded, or whose hooks fail, has no failed test.
    if (status === 'failed' && failed.length === 0) counts.failures.push(where);
  }
  return counts;
}

function isSkipped({ status }) {
  return ['skipped', 'pending', 'todo', 'disabled'].includes(status);
}
