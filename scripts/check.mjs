import { availableParallelism } from 'node:os';
import { root } from './paths.mjs';
import { runQuietly } from './run.mjs';
import { say } from './say.mjs';

/** The longest first, so that the last to end is a short one. */
const STEPS = ['lint', 'types', 'format', 'imports', 'dead'];

const AT_ONCE = Math.min(2, availableParallelism());

const waiting = [...STEPS];
let failed = false;

async function runSteps() {
  for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) await runStep(step);
}

async function runStep(step) {
  const started = Date.now();
  try {
    await runQuietly(`check:${step}`, 'npm', ['run', '--silent', `check:${step}`], { cwd: root });
    say(`check:${step} passed in ${Math.round((Date.now() - started) / 1000)} s`);
  } catch (error) {
    say(error.message);
    failed = true;
  }
}

// The others read the sdk's types from its build, which a fresh clone does not have.
await runStep('sdk');
if (!failed) await Promise.all(Array.from({ length: AT_ONCE }, runSteps));
process.exitCode = failed ? 1 : 0;
