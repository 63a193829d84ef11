import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { packageRoot } from '../../db/package-root.js';
import { processIdentity } from '../../services/cli/servers/process-identity.js';
import { waitUntil } from '../support/wait-until.js';

const PROCESSES =
  /^(?:lightning-simulator|store-simulator|lightning|api|relay|worker|ground-station) +(\d+) /gm;
/** Of servers that others have started. */
export const ADDRESSES = ['DATABASE_URL', 'NATS_URL', 'TEMPORAL_ADDRESS'];
const pidFile = z.object({ pid: z.int().positive() });

interface RunOptions {
  /** Default: up. */
  readonly command?: 'up' | 'satellite';
  readonly options?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A run of `quittance up`, or of a command that does the same, with its own servers and data. */
export class RunningUp {
  readonly #child: ChildProcess;
  #output = '';

  constructor(
    private readonly dataDir: string,
    { command = 'up', options = [], env = {} }: RunOptions = {},
  ) {
    const script = join(packageRoot(), 'dist/services/cli/main.js');
    const inherited = Object.entries(process.env).filter(([name]) => !ADDRESSES.includes(name));
    this.#child = spawn(process.execPath, [script, command, ...options], {
      env: { ...Object.fromEntries(inherited), QUITTANCE_DATA_DIR: dataDir, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const collect = (chunk: Buffer): void => {
      this.#output += chunk.toString();
    };
    this.#child.stdout?.on('data', collect);
    this.#child.stderr?.on('data', collect);
  }

  get output(): string {
    return this.#output;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves with the exit code, or the signal that ended it. */
  async ended(): Promise<number | string | null> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode === null && signalCode === null) await once(this.#child, 'close');
    return this.#child.exitCode ?? this.#child.signalCode;
  }

  /** Waits until the output contains the text. Fails when the command ends first. */
  async prints(text: string): Promise<void> {
    await waitUntil(
      `up prints "${text}"`,
      () => {
        if (this.#output.includes(text)) return true;
        if (this.#child.exitCode === null) return false;
        throw new Error(`up ended without printing "${text}":\n${this.#output}`);
      },
      4 * 60_000,
    );
  }

  /** Pids of the processes, from the table in its output. */
  processes(): number[] {
    return [...this.#output.matchAll(PROCESSES)].map(([, pid]) => Number(pid));
  }

  /** Pids of the servers that it has started. */
  servers(): Promise<number[]> {
    return serversIn(this.dataDir);
  }
}

/** Pids of the servers of a data folder. */
export async function serversIn(dataDir: string): Promise<number[]> {
  const folder = join(dataDir, 'run');
  const files = (await readdir(folder)).filter((name) => !name.startsWith('owner'));
  return Promise.all(
    files.map(async (name) => {
      const text = await readFile(join(folder, name), 'utf8');
      return pidFile.parse(JSON.parse(text)).pid;
    }),
  );
}

/** Filters for running processes. A zombie does not count. */
export async function alive(pids: readonly number[]): Promise<number[]> {
  const identities = await Promise.all(pids.map(processIdentity));
  return pids.filter((_, index) => identities[index] !== undefined);
}
