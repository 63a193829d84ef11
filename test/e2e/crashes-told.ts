import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { System } from './system.js';

const FATAL = /^\{"level":"fatal","time":"([^"]+)".*$/gm;
const LONGEST = 600;

/** What processes ended of by themselves since then, as their logs have it: nobody killed those. */
export async function crashesTold(system: System, since: Date): Promise<string[]> {
  const told: string[] = [];
  for (const { spec } of system.all()) {
    for (const [line, time = ''] of (await readFile(spec.logFile, 'utf8')).matchAll(FATAL)) {
      if (new Date(time) >= since) {
        told.push(`crashed: ${basename(spec.logFile)}: ${line.slice(0, LONGEST)}`);
      }
    }
  }
  return told;
}
