import { messageOf } from '../run-command.js';
import { findOnPath } from './find-on-path.js';
import { NotHere } from './resolve-server.js';
import { runProgram } from './run-program.js';
import type { LaunchContext } from './types.js';
import { formatVersion, isAtLeast, parseVersion, type Version } from './version.js';

export interface Binary {
  readonly kind: 'binary';
  readonly path: string;
  readonly version: string;
}

/** How a program of ours tells its version, and the oldest that will do. */
export interface Kind {
  readonly program: string;
  readonly version: RegExp;
  readonly minimum: Version;
}

/** The first on PATH that is recent enough; throws {@link NotHere} with what was wrong with each. */
export async function binaryOnPath(kind: Kind, { env }: LaunchContext): Promise<Binary> {
  const candidates = await findOnPath(kind.program, env);
  if (candidates.length === 0) throw new NotHere(`no ${kind.program} on PATH`);
  const reasons: string[] = [];
  for (const path of candidates) {
    try {
      return await checkBinary(path, kind);
    } catch (error) {
      reasons.push(messageOf(error));
    }
  }
  throw new NotHere(reasons.join('; '));
}

/** Throws {@link NotHere} when it cannot be run, or is too old. */
export async function checkBinary(path: string, kind: Kind): Promise<Binary> {
  const said = await runProgram(path, ['--version'], { timeoutMs: 20_000 }).catch(
    (error: unknown) => {
      throw new NotHere(`${path} does not run: ${messageOf(error)}`);
    },
  );
  const version = parseVersion(said, kind.version);
  if (version === undefined) throw new NotHere(`${path} does not tell its version`);
  if (!isAtLeast(version, kind.minimum)) {
    const least = formatVersion(kind.minimum);
    throw new NotHere(`${path} is ${formatVersion(version)}, older than ${least}`);
  }
  return { kind: 'binary', path, version: formatVersion(version) };
}
