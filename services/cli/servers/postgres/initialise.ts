import { chown, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from '../run-program.js';
import { processIdentity } from '../process-identity.js';
import type { PostgresBinaries } from './binaries.js';
import type { PostgresHome } from './home.js';

/** Creates an empty database cluster, completely or not at all. Does nothing when there is one. */
export async function initialise(
  { folder }: PostgresBinaries,
  { user, data, majorVersion }: PostgresHome,
  { durable, signal }: { durable: boolean; signal?: AbortSignal },
): Promise<void> {
  if (majorVersion !== undefined) return;
  const half = `${data}.new`;
  await rm(half, { recursive: true, force: true });
  await mkdir(half, { mode: 0o700 });
  if (user !== undefined) await chown(half, user.uid, user.gid);
  const options = ['--auth=trust', '--username=postgres', '--encoding=UTF8', '--locale=C'];
  if (!durable) options.push('--no-sync');
  await runProgram(join(folder, 'initdb'), [`--pgdata=${half}`, ...options], {
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    user,
    ...(signal === undefined ? {} : { signal }),
  });
  await rename(half, data);
}

/**
 * PostgreSQL does not start while its postmaster.pid names a running process. After a crash of the
 * machine that number may belong to another program. Our own earlier server has been stopped by now.
 */
export async function removeForeignLock(data: string): Promise<void> {
  const file = join(data, 'postmaster.pid');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  const pid = Number(text?.split('\n')[0]);
  if (!Number.isInteger(pid) || (await processIdentity(pid)) === undefined) return;
  const command = await runProgram('ps', ['-o', 'comm=', '-p', String(pid)]).catch(() => 'unknown');
  if (command !== 'unknown' && !command.includes('postgres')) await rm(file, { force: true });
}
