import { access, constants } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { messageOf } from '../run-command.js';
import { NotAvailable } from './resolve-server.js';
import { runProgram } from './run-program.js';
import type { LaunchContext } from './types.js';
import { formatVersion, isAtLeast, parseVersion, type Version } from './version.js';

export interface Binary {
  readonly kind: 'binary';
  readonly path: string;
  readonly version: string;
}

/** A program that we look for: how its version is read, and the oldest version that is accepted. */
export interface ProgramSpec {
  /** The name of its file. */
  readonly name: string;
  readonly version: RegExp;
  readonly minimum: Version;
}

/** The first on PATH that is recent enough. Throws {@link NotAvailable} with the reason against each. */
export async function binaryOnPath(program: ProgramSpec, { env }: LaunchContext): Promise<Binary> {
  const candidates = await findOnPath(program.name, env);
  if (candidates.length === 0) throw new NotAvailable(`no ${program.name} on PATH`);
  return firstAccepted(candidates, (path) => checkBinary(path, program));
}

/** The first candidate that the check accepts. Throws {@link NotAvailable} with the reason against each. */
export async function firstAccepted<T>(
  candidates: readonly string[],
  check: (path: string) => Promise<T>,
): Promise<T> {
  const reasons: string[] = [];
  for (const path of candidates) {
    try {
      return await check(path);
    } catch (error) {
      reasons.push(messageOf(error));
    }
  }
  throw new NotAvailable(reasons.join('; '));
}

/** Throws {@link NotAvailable} when it cannot be run, or is too old. */
export async function checkBinary(path: string, program: ProgramSpec): Promise<Binary> {
  const output = await runProgram(path, ['--version'], { timeoutMs: 20_000 }).catch(
    (error: unknown) => {
      throw new NotAvailable(`${path} does not run: ${messageOf(error)}`);
    },
  );
  const version = parseVersion(output, program.version);
  if (version === undefined) throw new NotAvailable(`${path} prints no version that can be read`);
  if (!isAtLeast(version, program.minimum)) {
    const least = formatVersion(program.minimum);
    throw new NotAvailable(`${path} is ${formatVersion(version)}, older than ${least}`);
  }
  return { kind: 'binary', path, version: formatVersion(version) };
}

/** Every executable with this name on PATH, in the order of PATH. */
export async function findOnPath(name: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const folders = (env['PATH'] ?? '').split(delimiter).filter(isAbsolute);
  const files = [...new Set(folders)].map((folder) => join(folder, name));
  const executable = await Promise.all(files.map(isExecutable));
  return files.filter((_, index) => executable[index]);
}

export async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Where programs that were built or downloaded are kept, for all clones of one user. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  const xdg = env['XDG_CACHE_HOME']?.trim() ?? '';
  const home = env['HOME']?.trim() ?? '';
  const base = xdg === '' ? join(home === '' ? homedir() : home, '.cache') : xdg;
  return join(base, 'quittance', 'servers');
}
