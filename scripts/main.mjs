import { build, buildBench } from './build.mjs';
import { install } from './install.mjs';
import { root } from './paths.mjs';
import { runPassingSignals, StepFailed } from './run.mjs';
import { say } from './say.mjs';
import { soak } from './soak.mjs';
import { test } from './test.mjs';

const USAGE = `usage: node scripts/bootstrap.mjs <command> [args]

  build       install and build what is missing
  test        run all tests, or the named suites: unit, workflow, integration, e2e
  bench       measure speed, and this machine's floors: NAME, --rounds N, --json FILE, --waiting N
  soak        run load while everything is killed and restarted: --minutes N, --seed S
  <command>   any command of quittance, after installing and building: up, migrate, ...`;

/** Runs one command; returns its exit code. */
export async function main([command, ...args]) {
  if (command === undefined) {
    say(USAGE);
    return 2;
  }
  try {
    await install();
    if (command === 'test') return await test(args);
    if (command === 'soak') return await soak(args);
    if (command === 'bench') {
      await buildBench();
      return await run('dist-bench/test/bench/main.js', args);
    }
    await build();
    if (command === 'build') return 0;
    return await run('dist/services/cli/main.js', [command, ...args]);
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    say(error.message);
    return error.exitCode;
  }
}

function run(script, args) {
  return runPassingSignals(process.execPath, ['--enable-source-maps', script, ...args], {
    cwd: root,
  });
}
