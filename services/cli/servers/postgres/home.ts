import { chmod, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LaunchContext } from '../types.js';
import { makePlaceElsewhere } from './elsewhere.js';
import type { OsUser } from '../run-program.js';
import { canEnter, postgresOsUser } from './os-user.js';

/** Who runs PostgreSQL, and where what it keeps is. */
export interface PostgresHome {
  readonly user: OsUser | undefined;
  readonly folder: string;
  readonly data: string;
  /** Major version that the data was made by; undefined when there is none yet. */
  readonly madeBy: string | undefined;
}

/** The data folder, or a place elsewhere when PostgreSQL's user may not enter that. */
export async function postgresHome({ dataDir, report }: LaunchContext): Promise<PostgresHome> {
  const user = await postgresOsUser();
  let folder = dataDir;
  if (user !== undefined && !(await letEnter(user, dataDir))) {
    folder = await makePlaceElsewhere(dataDir);
    report(
      `PostgreSQL does not run as root; user ${user.name} cannot enter ${dataDir}: its data is in ${folder}`,
    );
  }
  const data = join(folder, 'postgres');
  const madeBy = await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => undefined);
  return { user, folder, data, madeBy: madeBy?.trim() };
}

/** The data folder is ours, so it is opened for passing; the folders above it are not. */
async function letEnter(user: OsUser, dataDir: string): Promise<boolean> {
  if (await canEnter(user, dataDir)) return true;
  if (!(await canEnter(user, dirname(dataDir)))) return false;
  const { mode } = await stat(dataDir);
  await chmod(dataDir, (mode & 0o777) | 0o011);
  return canEnter(user, dataDir);
}
