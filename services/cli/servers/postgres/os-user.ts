import { messageOf } from '../../run-command.js';
import { NotAvailable } from '../resolve-server.js';
import { type OsUser, runProgram } from '../run-program.js';

/** PostgreSQL refuses to run as root: the user to run it as then. Undefined: our own user. */
export async function postgresOsUser(): Promise<OsUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const user = await lookUp(name).catch(() => undefined);
    if (user !== undefined) return user;
  }
  throw new NotAvailable(
    'PostgreSQL does not run as root, and this machine has no user postgres or nobody: create one of them',
  );
}

async function lookUp(name: string): Promise<OsUser> {
  const uid = Number(await runProgram('id', ['-u', name]));
  const gid = Number(await runProgram('id', ['-g', name]));
  if (!(uid > 0 && gid > 0)) throw new Error(`${name} is not an ordinary user`);
  return { name, uid, gid };
}

/** Whether the user can enter the folder. Tried, as the folders' modes alone do not decide it. */
export async function canEnter(user: OsUser | undefined, folder: string): Promise<boolean> {
  return runProgram('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], { user }).then(
    () => true,
    () => false,
  );
}

/** What the program prints about its version when this user runs it. Throws {@link NotAvailable}. */
export async function versionAs(user: OsUser | undefined, program: string): Promise<string> {
  return runProgram(program, ['--version'], { user, timeoutMs: 20_000 }).catch((error: unknown) => {
    const as = user === undefined ? '' : ` as user ${user.name}`;
    throw new NotAvailable(`${program} does not run${as}: ${messageOf(error)}`);
  });
}
