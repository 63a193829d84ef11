import type { Command } from 'commander';
import { MigrationError, migrationStatus, type MigrationStatus } from '../../../db/migrate.js';
import { grantRoles, ROLE_NAMES, rolesExist } from '../../../db/roles.js';
import { loadExtensions, migrateAll } from '../../shared/extensions.js';
import { loadConfigPart, redactUrl } from '../../shared/config.js';
import { directUrl } from '../../shared/pool.js';
import { EXIT } from '../exit-codes.js';
import { CommandError, messageOf } from '../run-command.js';
import { pendingOffline } from '../upgrade/offline.js';

export function addMigrate(program: Command): void {
  program
    .command('migrate')
    .description('apply pending migrations to the database')
    .option('--status', 'show applied and pending migrations; change nothing')
    .option(
      '--roles',
      `make the roles ${Object.values(ROLE_NAMES).join(' and ')}, and grant what belongs to them`,
    )
    .action(async ({ status, roles = false }: { status?: boolean; roles?: boolean }) => {
      const config = loadConfigPart([
        'DATABASE_URL',
        'DATABASE_DIRECT_URL',
        'QUITTANCE_EXTENSIONS',
      ]);
      await loadExtensions(config.extensions);
      const url = directUrl(config);
      if (status === true) await withMigrationAdvice(url, () => showStatus(url));
      else await migrateDatabase(url, roles);
    });
}

/** Applies what is pending, and grants again where the roles exist, or are to be made. Throws CommandError with advice. */
export async function migrateDatabase(url: string, roles: boolean): Promise<void> {
  await withMigrationAdvice(url, () => applyAll(url, roles));
}

async function applyAll(connectionString: string, roles: boolean): Promise<void> {
  const [offline] = await pendingOffline(connectionString);
  if (offline !== undefined) {
    throw new CommandError(
      `${offline} must not run beside processes of an earlier release`,
      'stop all processes of Quittance, then run quittance upgrade',
    );
  }
  const applied = await migrateAll({
    connectionString,
    onApplied: (label, durationMs) => say(`applied ${label} in ${durationMs} ms`),
  });
  say(applied.length === 0 ? 'nothing to apply' : `${applied.length} applied`);
  // New tables need new grants.
  if (!roles && !(await rolesExist(connectionString))) return;
  await grantRoles(connectionString);
  say('the roles of processes and of the doctor have what they need');
}

async function showStatus(connectionString: string): Promise<void> {
  const status = await migrationStatus({ connectionString });
  for (const line of statusLines(status)) say(line);
  if (status.problems.length > 0) process.exitCode = EXIT.broken;
}

function statusLines({ applied, pending, problems }: MigrationStatus): string[] {
  return [
    ...applied.map(
      ({ label, appliedAt, durationMs }) =>
        `applied  ${label}  ${appliedAt.toISOString()}  ${durationMs} ms`,
    ),
    ...pending.map((label) => `pending  ${label}`),
    ...problems.map((problem) => `problem  ${problem}`),
    `${applied.length} applied, ${pending.length} pending, ${problems.length} problems`,
  ];
}

/** Says what to do next where PostgreSQL or a migration fails. */
export async function withMigrationAdvice(
  databaseUrl: string,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof CommandError) throw error;
    if (error instanceof MigrationError) {
      throw new CommandError(
        error.message,
        'quittance migrate --status shows applied and pending migrations',
        {
          cause: error,
        },
      );
    }
    throw new CommandError(
      `PostgreSQL at ${redactUrl(databaseUrl)}: ${messageOf(error)}`,
      'check DATABASE_URL and that PostgreSQL runs and has that database',
      { cause: error, exitCode: EXIT.notLooked },
    );
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
