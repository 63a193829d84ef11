import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { z } from 'zod';
import type { Bench } from '../bench.js';
import type { Part } from '../part.js';
import { residentMb } from './resident.js';

const OURS = [
  'api',
  'relay',
  'worker',
  'lightning',
  'lightning-simulator',
  'ground-station',
] as const;
const SERVERS = ['nats', 'temporal'] as const;
const POSTGRES = 'postgres';
const pidFile = z.object({ pid: z.int().positive() });

/** Resident memory of each process at the end of a round. */
export const memory: Part = {
  name: 'memory',
  figures: [...OURS, ...SERVERS, POSTGRES].map((name) => ({
    id: `memory.${name}`,
    title: `memory of ${name}`,
    unit: 'MB',
  })),
  prepare: (bench) => Promise.resolve({ round: () => residentSizes(bench) }),
};

async function residentSizes({ parts }: Bench): Promise<Record<string, number>> {
  const values: Record<string, number> = {};
  for (const name of OURS) {
    const { pid } = parts.processes[name];
    if (pid !== undefined) values[`memory.${name}`] = await residentMb(pid);
  }
  const folder = join(parts.folder, 'run');
  const files = await readdir(folder).catch(() => []);
  for (const name of SERVERS) {
    // Servers that were not started by the benchmark have no file here.
    const file = files.find((found) => found.startsWith(name));
    if (file === undefined) continue;
    const { pid } = pidFile.parse(JSON.parse(await readFile(join(folder, file), 'utf8')));
    values[`memory.${name}`] = await residentMb(pid);
  }
  const postgres = await postgresMb(parts.pool);
  if (postgres !== undefined) values[`memory.${POSTGRES}`] = postgres;
  return values;
}

/** Proportional set size of all its processes: shared memory counts once. Undefined if it cannot be read, for example outside of Linux. */
async function postgresMb(pool: Pool): Promise<number | undefined> {
  const { rows } = await pool.query<{ pid: number }>('select pid from pg_stat_activity');
  let kb = 0;
  for (const { pid } of rows) {
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    const [, pss] = /^Pss: +(\d+) kB$/m.exec(rollup) ?? [];
    kb += Number(pss ?? 0);
  }
  return kb === 0 ? undefined : kb / 1024;
}
