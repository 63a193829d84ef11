import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../../db/package-root.js';
import { messageOf } from '../run-command.js';
import { checkBinary, type Binary, type Kind } from './binary.js';
import { withBuildLock } from './build-lock.js';
import { cacheFolder } from './cache-folder.js';
import { findOnPath, isExecutable } from './find-on-path.js';
import { NotHere } from './resolve-server.js';
import { withProgress } from './progress.js';
import { runProgram } from './run-program.js';
import type { LaunchContext } from './types.js';
import { formatVersion, isAtLeast, parseVersion, type Version } from './version.js';

/** From here on go fetches the newer toolchain that deploy/servers/go.mod asks for by itself. */
const OLDEST_GO: Version = [1, 21];

/**
 * The program built from the versions pinned in deploy/servers, from the cache if it was built
 * before, by whichever clone. Throws {@link NotHere}.
 */
export async function buildWithGo(
  goPackage: string,
  kind: Kind,
  context: LaunchContext,
): Promise<Binary> {
  const sources = join(packageRoot(), 'deploy', 'servers');
  const target = join(cacheFolder(context.env), await fingerprint(sources), kind.program);
  if (await isExecutable(target)) return checkBinary(target, kind);
  const go = await findGo(context);
  await mkdir(dirname(target), { recursive: true });
  const doing = `${kind.program}: building with Go, the first time only, which takes minutes`;
  await withProgress(context.report, doing, () =>
    withBuildLock(`${target}.lock`, context.signal, async () => {
      // Somebody else may have built it while we waited.
      if (!(await isExecutable(target))) await build(go, { sources, goPackage, target }, context);
    }),
  );
  return checkBinary(target, kind);
}

async function build(
  go: string,
  { sources, goPackage, target }: { sources: string; goPackage: string; target: string },
  { env, signal }: LaunchContext,
): Promise<void> {
  const half = `${target}.${process.pid}`;
  const flags = ['-mod=readonly', '-trimpath', '-buildvcs=false', '-ldflags', '-s -w'];
  try {
    await runProgram(go, ['build', ...flags, '-o', half, goPackage], {
      cwd: sources,
      env: { ...env, CGO_ENABLED: '0', GOWORK: 'off' },
      signal,
    });
    await rename(half, target);
  } catch (error) {
    signal.throwIfAborted();
    throw new NotHere(`go build ${goPackage} failed:\n${messageOf(error)}`);
  } finally {
    await rm(half, { force: true });
  }
}

async function findGo({ env }: LaunchContext): Promise<string> {
  const [go] = await findOnPath('go', env);
  if (go === undefined) throw new NotHere('no go on PATH to build it with');
  const said = await runProgram(go, ['version'], { env }).catch((error: unknown) => {
    throw new NotHere(`${go} does not run: ${messageOf(error)}`);
  });
  const version = parseVersion(said, /go(\d+)\.(\d+)/);
  if (version !== undefined && isAtLeast(version, OLDEST_GO)) return go;
  throw new NotHere(`${go} is older than ${formatVersion(OLDEST_GO)}: ${said.trim()}`);
}

/** Other versions or another machine sharing the home give another folder. */
async function fingerprint(sources: string): Promise<string> {
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}\n`);
  for (const name of ['go.mod', 'go.sum']) hash.update(await readFile(join(sources, name)));
  return hash.digest('hex').slice(0, 16);
}
