import { chmod, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LaunchContext } from '../types.js';
import { createFallbackFolder } from './fallback-folder.js';
import type { OsUser } from '../run-program.js';
import { canEnter, postgresOsUser } from './os-user.js';

/** The user that runs PostgreSQL, and where its data is. */
export interface PostgresHome {
  readonly user: OsUser | undefined;
  readonly folder: string;
  readonly data: string;
  /** Of the PostgreSQL that created the data; undefined when there is no data yet. */
  readonly majorVersion: string | undefined;
}

/** The data folder, or another one when PostgreSQL's user cannot enter it. */
export async function postgresHome({ dataDir, report }: LaunchContext): Promise<PostgresHome> {
  const user = await postgresOsUser();
  let folder = dataDir;
  if (user !== undefined && !(await letEnter(user, dataDir))) {
    folder = await createFallbackFolder(dataDir);
    report(
      `PostgreSQL does not run as root; user ${user.name} cannot enter ${dataDir}: its data is in ${folder}`,
    );
  }
  const data = join(folder, 'postgres');
  const majorVersion = await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => undefined);
  return { user, folder, data, majorVersion: majorVersion?.trim() };
}

/** Lets other users pass through the data folder, which is ours; the folders above it stay as they are. */
async function letEnter(user: OsUser, dataDir: string): Promise<boolean> {
  if (await canEnter(user, dataDir)) return true;
  if (!(await canEnter(user, dirname(dataDir)))) return false;
  const { mode } = await stat(dataDir);
  await chmod(dataDir, (mode & 0o777) | 0o011);
  return canEnter(user, dataDir);
}
