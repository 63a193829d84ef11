import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../../db/package-root.js';
import { CommandError } from '../run-command.js';
import { Supervised, type SupervisedOptions } from './supervised.js';
import { table } from './table.js';

/** A folder in services/ each; what the others need comes first. */
const PROCESSES = ['lightning', 'api', 'relay', 'worker', 'ground-station'] as const;
type ProcessName = (typeof PROCESSES)[number];

export type Processes = Readonly<Record<ProcessName, Supervised>>;

/** Prepares the processes; nothing runs yet. The logs of the last start are kept as `.log.1`. */
export async function prepareProcesses(
  env: Readonly<Record<string, string>>,
  logs: string,
  options: SupervisedOptions,
): Promise<Processes> {
  const prepare = async (name: ProcessName): Promise<Supervised> => {
    const script = join(packageRoot(), 'dist', 'services', name, 'main.js');
    if (!existsSync(script)) {
      throw new CommandError(`${name} is not built: ${script} is missing`, 'npm run build');
    }
    const logFile = join(logs, `${name}.log`);
    if (existsSync(logFile)) await rename(logFile, `${logFile}.1`);
    return new Supervised({ name, script, env, logFile }, options);
  };
  return {
    lightning: await prepare('lightning'),
    api: await prepare('api'),
    relay: await prepare('relay'),
    worker: await prepare('worker'),
    'ground-station': await prepare('ground-station'),
  };
}

/** All at once: each waits for what it needs. */
export async function startProcesses(processes: Processes): Promise<void> {
  await Promise.all(PROCESSES.map((name) => processes[name].start()));
}

export async function stopProcesses(processes: Processes): Promise<void> {
  await Promise.all(PROCESSES.map((name) => processes[name].stop()));
}

export function killProcesses(processes: Processes): void {
  for (const name of PROCESSES) processes[name].kill();
}

export function processTable(processes: Processes): string {
  const rows = PROCESSES.map((name) => {
    const { pid, url, spec } = processes[name];
    return [name, String(pid ?? ''), url, spec.logFile];
  });
  return table([['process', 'pid', 'health and metrics', 'log'], ...rows]);
}
