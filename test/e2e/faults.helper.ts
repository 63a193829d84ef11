import { readFile } from 'node:fs/promises';
import { FAILPOINTS, type Failpoint } from '../../engine/failpoint.js';
import type { System } from './system.helper.js';

/** How often processes died, or waited, at failpoints, as their logs have it. */
export interface Strikes {
  readonly deaths: ReadonlyMap<Failpoint, number>;
  readonly waits: ReadonlyMap<Failpoint, number>;
}

const LINE = /^failpoint ([a-z-]+)( waits \d+ ms)?$/gm;

/** Of all the lives of all processes. */
export async function readStrikes(system: System): Promise<Strikes> {
  const deaths = new Map<Failpoint, number>();
  const waits = new Map<Failpoint, number>();
  for (const { spec } of system.all()) {
    for (const [, given, waited] of (await readFile(spec.logFile, 'utf8')).matchAll(LINE)) {
      const name = FAILPOINTS.find((known) => known === given);
      const counts = waited === undefined ? deaths : waits;
      if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return { deaths, waits };
}
