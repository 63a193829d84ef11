import pg from 'pg';
import { migrationStatus } from '../../../db/migrate.js';
import { CommandError } from '../run-command.js';

/** Up to this number, migrations may not run beside processes of an earlier release. Later ones expand, then contract. */
const LAST_OFFLINE = 32;

/** Pending migrations for which every process has to be stopped. None in an empty database. */
export async function pendingOffline(connectionString: string): Promise<readonly string[]> {
  const { applied, pending } = await migrationStatus({ connectionString });
  if (applied.length === 0) return [];
  return pending.filter((label) => Number(label.slice(0, 4)) <= LAST_OFFLINE);
}

/** Throws CommandError while one of our processes is connected to the database, of whatever release. */
export async function refuseWhileRunning(connectionString: string): Promise<void> {
  const names = await connectedProcesses(connectionString);
  if (names.length === 0) return;
  throw new CommandError(
    `processes are connected to the database: ${names.join(', ')}`,
    'stop all processes of Quittance, then run this again',
  );
}

/** Names that connect without being a process of a release. */
const TOOLS = ['quittance-migrate', 'quittance-upgrade', 'quittance-servers'];

/** Connections of other roles are not seen, except by a superuser or a member of pg_read_all_stats. */
async function connectedProcesses(connectionString: string): Promise<string[]> {
  const client = new pg.Client({ connectionString, application_name: 'quittance-upgrade' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      `select distinct application_name as name from pg_stat_activity
       where datname = current_database() and application_name like 'quittance-%' and application_name <> all ($1)
       order by 1`,
      [TOOLS],
    );
    return rows.map(({ name }) => name);
  } finally {
    await client.end();
  }
}
