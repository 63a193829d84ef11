import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../../db/package-root.js';

const run = promisify(execFile);

/** A release as it is installed: a folder of its own, with the dependencies of this one. */
export interface Build {
  readonly name: string;
  readonly folder: string;
  remove(): Promise<void>;
}

/** The build of this tree. */
export const THIS_BUILD: Build = {
  ...{ name: 'new', folder: packageRoot() },
  remove: () => Promise.resolve(),
};

/**
 * Another release: the folder that QUITTANCE_OLD_BUILD names (a checkout of an earlier one, built), or a copy of this one, whose processes
 * differ from ours only by where they come from.
 */
export async function otherBuild(name: string): Promise<Build> {
  const given = process.env['QUITTANCE_OLD_BUILD'];
  if (given !== undefined) return { name, folder: given, remove: () => Promise.resolve() };
  return copyOfBuild(name);
}

export async function copyOfBuild(name: string): Promise<Build> {
  const root = packageRoot();
  const folder = await mkdtemp(join(tmpdir(), `quittance-${name}-`));
  await cp(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
  await mkdir(join(folder, 'db'));
  await cp(join(root, 'db', 'migrations'), join(folder, 'db', 'migrations'), { recursive: true });
  await cp(join(root, 'package.json'), join(folder, 'package.json'));
  for (const linked of ['node_modules', 'sdk', 'deploy', 'services']) {
    await symlink(join(root, linked), join(folder, linked));
  }
  return { name, folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

const LOOP = join('dist', 'workflows', 'process-loop.js');
const BEGINNING = /export async function runProcess\(process\) \{/;

/** Plants what must never be done: a new first command in the loop of every workflow, without `patched`. */
export async function plantOtherCommands({ folder }: Build): Promise<void> {
  const file = join(folder, LOOP);
  const code = await readFile(file, 'utf8');
  const changed = code.replace(BEGINNING, '$&\n    await condition(() => false, 5);');
  if (changed === code) throw new Error(`${LOOP} does not begin as expected`);
  await writeFile(file, changed);
  await run(process.execPath, [join(folder, 'dist', 'services', 'worker', 'bundle.js')]);
}

/** Runs a command of that release's command line; its exit code and what it printed. */
export async function quittanceOf(
  { folder }: Build,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number; readonly output: string }> {
  const script = join(folder, 'dist', 'services', 'cli', 'main.js');
  return run(process.execPath, [script, ...args], { env: { ...env } }).then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
    (error: unknown) => {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, output: stdout + stderr };
    },
  );
}
