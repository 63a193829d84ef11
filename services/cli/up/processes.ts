import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../../db/package-root.js';
import { live } from '../live-progress.js';
import { CommandError } from '../run-command.js';
import { table } from '../table.js';
import { Supervised, type SupervisedOptions } from './supervised.js';

/** Every process of the system, in the order of the table. */
export const PROCESS_NAMES = [
  'lightning-simulator',
  'store-simulator',
  'lightning',
  'api',
  'relay',
  'worker',
  'ground-station',
] as const;

export type ProcessName = (typeof PROCESS_NAMES)[number];

export type Processes = Readonly<Record<ProcessName, Supervised>>;

/** Prepares the processes; nothing runs yet. The logs of the last start are kept as `.log.1`. */
export async function prepareProcesses(
  env: Readonly<Record<string, string>>,
  logs: string,
  options: SupervisedOptions,
): Promise<Processes> {
  const prepare = async (name: ProcessName): Promise<Supervised> => {
    const script = join(packageRoot(), 'dist', folderOf(name), 'main.js');
    if (!existsSync(script)) {
      throw new CommandError(`${name} is not built: ${script} is missing`, 'npm run build');
    }
    const logFile = join(logs, `${name}.log`);
    if (existsSync(logFile)) await rename(logFile, `${logFile}.1`);
    return new Supervised({ name, script, env, logFile }, options);
  };
  return {
    'lightning-simulator': await prepare('lightning-simulator'),
    'store-simulator': await prepare('store-simulator'),
    lightning: await prepare('lightning'),
    api: await prepare('api'),
    relay: await prepare('relay'),
    worker: await prepare('worker'),
    'ground-station': await prepare('ground-station'),
  };
}

/** Simulators of the outside world are no services of ours. */
function folderOf(name: ProcessName): string {
  const [, simulated] = /^(.+)-simulator$/.exec(name) ?? [];
  return simulated === undefined ? join('services', name) : join('simulators', simulated);
}

/** Starts processes at once, all but some: each waits for what it needs. Resolves when they are ready. */
export async function startProcesses(
  processes: Processes,
  without: readonly ProcessName[] = [],
): Promise<void> {
  const names = PROCESS_NAMES.filter((name) => !without.includes(name));
  await Promise.all(
    names.map((name) => {
      const end = live.begin(name);
      return processes[name].start().finally(end);
    }),
  );
}

export async function stopProcesses(processes: Processes): Promise<void> {
  await Promise.all(PROCESS_NAMES.map((name) => processes[name].stop()));
}

export function killProcesses(processes: Processes): void {
  for (const name of PROCESS_NAMES) processes[name].kill();
}

export function processTable(processes: Processes): string {
  const started = PROCESS_NAMES.filter((name) => processes[name].isStarted);
  const rows = started.map((name) => {
    const { pid, url, spec } = processes[name];
    return [name, String(pid ?? ''), url, spec.logFile];
  });
  return table([['process', 'pid', 'health and metrics', 'log'], ...rows]);
}
