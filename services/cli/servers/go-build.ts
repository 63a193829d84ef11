import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../../db/package-root.js';
import { messageOf } from '../run-command.js';
import {
  type Binary,
  cacheFolder,
  checkBinary,
  findOnPath,
  isExecutable,
  type ProgramSpec,
} from './binary.js';
import { withBuildLock } from './build-lock.js';
import { NotAvailable } from './resolve-server.js';
import { withProgress } from './progress.js';
import { runProgram } from './run-program.js';
import type { LaunchContext } from './types.js';
import { formatVersion, isAtLeast, parseVersion, type Version } from './version.js';

/** From this version on, Go downloads the newer toolchain that deploy/servers/go.mod requires. */
const OLDEST_GO: Version = [1, 21];

/** A program in one of our tools modules. */
export interface GoProgram {
  readonly goPackage: string;
  /** Below deploy/servers; default: deploy/servers itself. */
  readonly module?: string;
  /** Build tags, separated by commas. */
  readonly tags?: string;
  /** Texts of the program that the linker sets, by the full names of their variables: versions. */
  readonly texts?: Readonly<Record<string, string>>;
}

type BuildContext = Pick<LaunchContext, 'env' | 'report' | 'signal'>;

/** {@link pathOfBuilt}, checked: it runs, and is new enough. */
export async function buildWithGo(
  goProgram: GoProgram,
  program: ProgramSpec,
  context: BuildContext,
): Promise<Binary> {
  return checkBinary(await pathOfBuilt(goProgram, program.name, context), program);
}

/**
 * Where the program is, built from the versions pinned in its module, or from the cache if any clone has
 * built it before. Throws {@link NotAvailable}.
 */
export async function pathOfBuilt(
  { goPackage, module = '.', tags = '', texts = {} }: GoProgram,
  name: string,
  context: BuildContext,
): Promise<string> {
  const sources = join(packageRoot(), 'deploy', 'servers', module);
  const linked = Object.entries(texts).map(([variable, text]) => `-X ${variable}=${text}`);
  const flags = { tags, linked };
  const target = join(cacheFolder(context.env), await fingerprint(sources, flags), name);
  if (await isExecutable(target)) return target;
  const go = await findGo(context);
  await mkdir(dirname(target), { recursive: true });
  const doing = `${name}: building with Go (first time only, takes minutes)`;
  await withProgress(context.report, doing, () =>
    withBuildLock(`${target}.lock`, context.signal, async () => {
      // Another process may have built it meanwhile.
      if (!(await isExecutable(target)))
        await build(go, { sources, goPackage, target, ...flags }, context);
    }),
  );
  return target;
}

interface Flags {
  readonly tags: string;
  readonly linked: readonly string[];
}

interface Build extends Flags {
  readonly goPackage: string;
  readonly sources: string;
  readonly target: string;
}

async function build(
  go: string,
  { sources, goPackage, tags, linked, target }: Build,
  { env, signal }: BuildContext,
): Promise<void> {
  const half = `${target}.${process.pid}`;
  const flags = [
    '-mod=readonly',
    '-trimpath',
    '-buildvcs=false',
    '-ldflags',
    ['-s -w', ...linked].join(' '),
    '-tags',
    tags,
  ];
  try {
    await runProgram(go, ['build', ...flags, '-o', half, goPackage], {
      cwd: sources,
      env: { ...env, CGO_ENABLED: '0', GOWORK: 'off' },
      signal,
    });
    await rename(half, target);
  } catch (error) {
    signal.throwIfAborted();
    throw new NotAvailable(`go build ${goPackage} failed:\n${messageOf(error)}`);
  } finally {
    await rm(half, { force: true });
  }
}

async function findGo({ env }: BuildContext): Promise<string> {
  const [go] = await findOnPath('go', env);
  if (go === undefined) throw new NotAvailable('no go on PATH');
  const output = await runProgram(go, ['version'], { env }).catch((error: unknown) => {
    throw new NotAvailable(`${go} does not run: ${messageOf(error)}`);
  });
  const version = parseVersion(output, /go(\d+)\.(\d+)/);
  if (version !== undefined && isAtLeast(version, OLDEST_GO)) return go;
  throw new NotAvailable(`${go} is older than ${formatVersion(OLDEST_GO)}: ${output.trim()}`);
}

/** Differs by pinned versions and by platform: machines may share one home. */
async function fingerprint(sources: string, { tags, linked }: Flags): Promise<string> {
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}\n${tags}`);
  for (const flag of linked) hash.update(`\n${flag}`);
  for (const name of ['go.mod', 'go.sum']) hash.update(await readFile(join(sources, name)));
  return hash.digest('hex').slice(0, 16);
}
