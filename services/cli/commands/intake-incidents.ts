import type { Command } from 'commander';
import { readIncidents } from '../../../engine/intake/incidents/read-incidents.js';
import { table } from '../table.js';
import { withPool } from '../with-pool.js';

interface Options {
  readonly store?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

const SHOWN = 200;

export function addIntakeIncidents(intake: Command): void {
  intake
    .command('incidents')
    .description('what is wrong with stores, newest first')
    .option('--store <store>', 'only of this store')
    .option('--all', 'those that are over too')
    .option('--json', 'one JSON object per line')
    .action((options: Options) => withPool((pool) => show(pool, options)));
}

async function show(
  pool: Parameters<typeof readIncidents>[0],
  { store, all = false, json = false }: Options,
): Promise<void> {
  const open = all ? undefined : true;
  const incidents = await readIncidents(pool, { store, open, before: undefined, limit: SHOWN });
  if (json) {
    for (const incident of incidents) {
      say(JSON.stringify({ ...incident, id: incident.id.toString() }));
    }
    return;
  }
  const rows = incidents.map((incident) => [
    ...[incident.id.toString(), incident.store, incident.kind, incident.openedAt.toISOString()],
    incident.healedAt === null ? 'open' : `over (${incident.healedBy ?? ''})`,
    `${incident.openOrders}/${incident.orders}`,
    incident.summary.replace(/\p{Cc}+/gu, ' '),
  ]);
  say(table([['id', 'store', 'kind', 'opened', 'state', 'orders', 'summary'], ...rows]));
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
