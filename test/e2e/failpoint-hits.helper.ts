import { readFile } from 'node:fs/promises';
import { FAILPOINTS, type Failpoint } from '../../engine/failpoint.js';
import type { System } from './system.helper.js';

/** How often each failpoint ended a process, or made it wait. */
export interface FailpointHits {
  readonly exits: ReadonlyMap<Failpoint, number>;
  readonly waits: ReadonlyMap<Failpoint, number>;
}

const LINE = /^failpoint ([a-z-]+)( waits \d+ ms)?$/gm;

/** Counts the hits in the logs of all processes, restarts included. */
export async function readFailpointHits(system: System): Promise<FailpointHits> {
  const exits = new Map<Failpoint, number>();
  const waits = new Map<Failpoint, number>();
  for (const { spec } of system.all()) {
    for (const [, given, waited] of (await readFile(spec.logFile, 'utf8')).matchAll(LINE)) {
      const name = FAILPOINTS.find((known) => known === given);
      const counts = waited === undefined ? exits : waits;
      if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return { exits, waits };
}
