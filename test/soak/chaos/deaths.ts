import { readFile } from 'node:fs/promises';
import type { Supervised } from '../../../services/cli/up/supervised.js';

/** What is looked at of a process. */
type Mortal = Pick<Supervised, 'pid'> & { readonly spec: Pick<Supervised['spec'], 'logFile'> };

/** The number of each process that runs. */
export type Living = ReadonlyMap<Mortal, number | undefined>;

export function living(processes: readonly Mortal[]): Living {
  return new Map(processes.map((process) => [process, process.pid]));
}

/** Those that have ended since, whoever started them again, with what they said last. */
export async function deathsSince(before: Living): Promise<string[]> {
  const dead = [...before].filter(([process, pid]) => process.pid !== pid);
  return Promise.all(dead.map(([{ spec }, pid]) => lastWords(spec.logFile, pid)));
}

const LAST_LINES = 5;
const LONGEST_LINE = 600;

async function lastWords(logFile: string, pid: number | undefined): Promise<string> {
  const lines = (await readFile(logFile, 'utf8')).trim().split('\n');
  const last = lines.findLastIndex((line) => line.includes(`"pid":${pid ?? '?'},`));
  // What is not JSON after it is what the process died of.
  const end = lines.findIndex((line, n) => n > last && line.startsWith('{'));
  const words = lines.slice(0, end === -1 ? lines.length : end).slice(-LAST_LINES);
  const shortened = words.map((line) => line.slice(0, LONGEST_LINE));
  return [`${logFile}, process ${pid ?? '?'}:`, ...shortened].join('\n');
}
