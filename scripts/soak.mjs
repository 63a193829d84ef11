import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { stopLeftServers } from './left-servers.mjs';
import { root } from './paths.mjs';
import { runPassingSignals, StepFailed } from './run.mjs';
import { say } from './say.mjs';

/** The longest: the leaks of soak.test.ts need it. */
const MINUTES = Number(process.env.CHAOS_MINUTES ?? 30);

/** `--minutes N`, `--seed S`, parts of file names; without a seed a random one is used and printed. */
export async function soak(args) {
  const { minutes, seed, files } = options(args);
  await build();
  say(
    `soak: ${minutes} minutes, seed ${seed} (again: npm run test:soak -- ${[...files, ''].join(' ')}--minutes ${minutes} --seed ${seed})`,
  );
  const scratch = mkdtempSync(join(tmpdir(), 'quittance-soak-'));
  // PostgreSQL may run as another user, who must be able to enter.
  chmodSync(scratch, 0o711);
  try {
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const exitCode = await runPassingSignals(
      process.execPath,
      [vitest, 'run', '--config', 'vitest.soak.config.ts', ...files],
      {
        cwd: root,
        env: {
          ...process.env,
          TMPDIR: scratch,
          CHAOS_MINUTES: String(minutes),
          CHAOS_SEED: String(seed),
        },
      },
    );
    const left = await stopLeftServers(scratch);
    for (const failure of left) say(failure);
    return exitCode === 0 && left.length > 0 ? 1 : exitCode;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function options(args) {
  const given = { minutes: MINUTES, seed: Math.floor(Math.random() * 1_000_000) };
  const files = [];
  for (let at = 0; at < args.length; at += 1) {
    if (!args[at].startsWith('--')) {
      files.push(args[at]);
      continue;
    }
    const name = args[at].replace(/^--/, '');
    const value = Number(args[(at += 1)]);
    if (!Object.hasOwn(given, name) || !(value > 0)) {
      throw new StepFailed(
        'usage: npm run test:soak -- [parts of file names] [--minutes N] [--seed S]',
        2,
      );
    }
    given[name] = value;
  }
  return { ...given, files };
}
