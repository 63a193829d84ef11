import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { stopLeftServers } from './left-servers.mjs';
import { root } from './paths.mjs';
import { runPassingSignals, StepFailed, stopIfInterrupted } from './run.mjs';
import { say } from './say.mjs';
import { countTests } from './test-results.mjs';

const SUITES = ['unit', 'workflow', 'integration', 'e2e'];

/**
 * Everything: the check, then every suite. Suites that are named run alone, without the check;
 * what is no suite is handed to vitest (a part of a file's name, `-t`). The last line has the sums.
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
  // Whatever tests and their servers keep is under here, and goes with it.
  const scratch = mkdtempSync(join(tmpdir(), 'quittance-test-'));
  // PostgreSQL may run as another user, who must be able to pass.
  chmodSync(scratch, 0o711);
  try {
    const results = join(scratch, 'results.json');
    const exitCode = await vitest(args, scratch, results);
    const counts = countTests(results, root);
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
  const suites = args.filter((arg) => SUITES.includes(arg));
  const others = args.filter((arg) => !SUITES.includes(arg));
  return runPassingSignals(
    process.execPath,
    [
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      ...['--reporter=default', '--reporter=json', `--outputFile.json=${results}`],
      ...suites.flatMap((suite) => ['--project', suite]),
      ...others,
    ],
    { cwd: root, env: { ...plainOutput(), ...process.env, TMPDIR: scratch } },
  );
}

/** Lines without colours where nobody watches; FORCE_COLOR has the last word. */
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
