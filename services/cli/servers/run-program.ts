import { execFile, type ExecFileException } from 'node:child_process';

/** A user of the operating system to run a program as. */
export interface OsUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly user?: OsUser | undefined;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** What a program wrote to stdout and stderr. Rejects with its last lines when it fails. */
export async function runProgram(
  command: string,
  args: readonly string[],
  { env, cwd = '/', user, signal, timeoutMs = 0 }: RunOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      command,
      args,
      {
        cwd,
        timeout: timeoutMs,
        maxBuffer: 64 * 1024 * 1024,
        ...(env === undefined ? {} : { env }),
        ...(signal === undefined ? {} : { signal }),
        ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
      },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout + stderr);
        else reject(new Error(failureReason(command, error, stderr), { cause: error }));
      },
    );
  });
}

function failureReason(command: string, error: ExecFileException, stderr: string): string {
  const lines = stderr.trim().split('\n').slice(-8).join('\n');
  if (lines !== '') return lines;
  if (error.code === 'ENOENT') return `${command} does not exist`;
  return error.code === 'EACCES' ? `${command} is not executable for this user` : error.message;
}
