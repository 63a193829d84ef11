import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

const FATAL = /^\{"level":"fatal","time":"([^"]+)".*$/gm;
const LONGEST = 600;

/** What processes ended of by themselves since then, as their logs have it: nobody killed those. */
export async function crashesTold(logFiles: readonly string[], since: Date): Promise<string[]> {
  const told: string[] = [];
  for (const logFile of logFiles) {
    for (const [line, time = ''] of (await readFile(logFile, 'utf8')).matchAll(FATAL)) {
      if (new Date(time) >= since) {
        told.push(`crashed: ${basename(logFile)}: ${line.slice(0, LONGEST)}`);
      }
    }
  }
  return told;
}
