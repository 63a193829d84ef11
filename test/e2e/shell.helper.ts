import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { packageRoot } from '../../db/package-root.js';

export interface Ended {
  readonly exitCode: number;
  readonly output: string;
}

const ADDRESSES = ['DATABASE_URL', 'NATS_URL', 'TEMPORAL_ADDRESS'];

/** The command line, as a person runs it in a folder where nothing but the folder is set. */
export function quittance(
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<Ended> {
  const script = join(packageRoot(), 'dist/services/cli/main.js');
  return run(process.execPath, [script, ...args], env);
}

/** Runs a command to its end; what it wrote to either stream. */
export async function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Ended> {
  const inherited = Object.entries(process.env).filter(([name]) => !ADDRESSES.includes(name));
  const child = spawn(command, [...args], {
    cwd: packageRoot(),
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { exitCode: code ?? -1, output };
}
