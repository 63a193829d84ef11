import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, test } from 'vitest';
import { packageRoot } from '../../db/package-root.js';

const file = join(packageRoot(), 'test', 'vectors', 'upgrade', 'previous-release');
/** A commit or tag; undefined as long as nothing was released. */
const previous = existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;

const TWENTY_MINUTES = 1_200_000;

/** Expand and contract: what the release before does works on the schema of today. Its own tests of the engine say so. */
test(
  'the flows of the release before run on the schema after',
  { timeout: TWENTY_MINUTES },
  async ({ skip }) => {
    if (previous === undefined) return skip('not run: no release yet');
    const folder = await mkdtemp(join(tmpdir(), 'quittance-previous-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const root = packageRoot();
    const options = { cwd: root, maxBuffer: 1e9 };
    const archive = execFileSync('git', ['archive', previous], options);
    execFileSync('tar', ['-x', '-C', folder], { input: archive });
    const migrations = join('db', 'migrations');
    await cp(join(root, migrations), join(folder, migrations), { recursive: true });
    const inherit = { cwd: folder, stdio: 'inherit' } as const;
    execFileSync('npm', ['ci'], inherit);
    execFileSync('npm', ['test', '--', 'integration', 'integration/engine/'], inherit);
  },
);
