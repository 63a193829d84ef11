import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Supervised } from '../../../services/cli/up/supervised.js';

const LONGEST_LINE = 600;
const LAST_LINES = 5;
const FATAL = /^\{"level":"fatal","time":"([^"]+)".*$/gm;

type Observed = Pick<Supervised, 'pid'> & { readonly spec: Pick<Supervised['spec'], 'logFile'> };

/** The pid of each process at one time. */
export type Pids = ReadonlyMap<Observed, number | undefined>;

export function pidsOf(processes: readonly Observed[]): Pids {
  return new Map(processes.map((process) => [process, process.pid]));
}

/** Processes that ended since `before`, also if they were restarted, with the last lines of their logs. */
export async function endedSince(before: Pids): Promise<string[]> {
  const ended = [...before].filter(([process, pid]) => process.pid !== pid);
  return Promise.all(ended.map(([{ spec }, pid]) => lastLines(spec.logFile, pid)));
}

async function lastLines(logFile: string, pid: number | undefined): Promise<string> {
  const lines = (await readFile(logFile, 'utf8')).trim().split('\n');
  const last = lines.findLastIndex((line) => line.includes(`"pid":${pid ?? '?'},`));
  // Lines after it that are not JSON are the crash report of Node.
  const end = lines.findIndex((line, n) => n > last && line.startsWith('{'));
  const relevant = lines.slice(0, end === -1 ? lines.length : end).slice(-LAST_LINES);
  const shortened = relevant.map((line) => line.slice(0, LONGEST_LINE));
  return [`${logFile}, process ${pid ?? '?'}:`, ...shortened].join('\n');
}

/** Fatal errors in the logs since then. A process that was killed writes none. */
export async function reportedCrashes(logFiles: readonly string[], since: Date): Promise<string[]> {
  const crashes: string[] = [];
  for (const logFile of logFiles) {
    for (const [line, time = ''] of (await readFile(logFile, 'utf8')).matchAll(FATAL)) {
      if (new Date(time) >= since) {
        crashes.push(`crashed: ${basename(logFile)}: ${line.slice(0, LONGEST_LINE)}`);
      }
    }
  }
  return crashes;
}
