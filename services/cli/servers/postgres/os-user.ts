import { messageOf } from '../../run-command.js';
import { NotHere } from '../resolve-server.js';
import { type OsUser, runProgram } from '../run-program.js';

/** PostgreSQL refuses to run as root: the user it runs as then, else undefined for our own. */
export async function postgresOsUser(): Promise<OsUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const user = await lookUp(name).catch(() => undefined);
    if (user !== undefined) return user;
  }
  throw new NotHere(
    'PostgreSQL does not run as root, and there is neither a user postgres nor nobody to run it as',
  );
}

async function lookUp(name: string): Promise<OsUser> {
  const uid = Number(await runProgram('id', ['-u', name]));
  const gid = Number(await runProgram('id', ['-g', name]));
  if (!(uid > 0 && gid > 0)) throw new Error(`${name} is no ordinary user`);
  return { name, uid, gid };
}

/** Whether the user may go into the folder: tried, since modes alone do not tell. */
export async function canEnter(user: OsUser | undefined, folder: string): Promise<boolean> {
  return runProgram('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], { user }).then(
    () => true,
    () => false,
  );
}

/** What the program says of its version when that user runs it. Throws {@link NotHere}. */
export async function versionAs(user: OsUser | undefined, program: string): Promise<string> {
  return runProgram(program, ['--version'], { user, timeoutMs: 20_000 }).catch((error: unknown) => {
    const as = user === undefined ? '' : ` as user ${user.name}`;
    throw new NotHere(`${program} does not run${as}: ${messageOf(error)}`);
  });
}
