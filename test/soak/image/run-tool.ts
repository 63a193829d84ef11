import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** What the program prints. Rejects with what it says on stderr. */
export async function runTool(
  name: string,
  args: readonly string[],
  cwd?: string,
): Promise<string> {
  const { stdout } = await execute(name, [...args], {
    maxBuffer: 64 * 1024 * 1024,
    ...(cwd === undefined ? {} : { cwd }),
  });
  return stdout.trim();
}

/** Why an image cannot be built and run here; undefined where it can. */
export async function whyNotHere(): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'it takes Linux on x64';
  if (process.getuid?.() !== 0) return 'buildah and runc take root';
  for (const name of ['buildah', 'runc', 'ldd']) {
    const there = await runTool(name, ['--version']).then(
      () => true,
      () => false,
    );
    if (!there) return `no ${name} on PATH`;
  }
  return undefined;
}
