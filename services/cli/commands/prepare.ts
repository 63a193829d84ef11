import type { Command } from 'commander';
import { pino } from 'pino';
import { loadConfigPart, redactUrl } from '../../shared/config.js';
import { loadExtensions } from '../../shared/extensions.js';
import { NATS_KEYS } from '../../shared/nats-access/options.js';
import { directUrl } from '../../shared/pool.js';
import { TEMPORAL_KEYS } from '../../shared/temporal/access.js';
import { EXIT } from '../exit-codes.js';
import { CommandError, messageOf } from '../run-command.js';
import { migrateDatabase } from './migrate.js';

interface Options {
  readonly roles?: boolean;
  readonly withoutTemporal?: boolean;
  readonly withoutNats?: boolean;
}

/** What an installation runs before the processes of a release start, beside those of the release before. */
export function addPrepare(program: Command): void {
  program
    .command('prepare')
    .description(
      "make everything ready for this release's processes: migrations, credits, Temporal's namespace, NATS' streams; may be run again",
    )
    .option('--roles', 'make the roles of processes and of the doctor in PostgreSQL')
    .option('--without-temporal', 'leave Temporal alone')
    .option('--without-nats', 'leave NATS alone')
    .action(prepare);
}

async function prepare(options: Options): Promise<void> {
  const database = loadConfigPart([
    ...(['DATABASE_URL', 'DATABASE_DIRECT_URL', 'QUITTANCE_EXTENSIONS'] as const),
  ]);
  await loadExtensions(database.extensions);
  const temporal = loadConfigPart([...TEMPORAL_KEYS, 'QUITTANCE_TEMPORAL_RETENTION_DAYS']);
  const nats = loadConfigPart([...NATS_KEYS, 'QUITTANCE_NATS_REPLICAS']);
  await migrateDatabase(directUrl(database), options.roles === true);
  const { prepareStreams, prepareTemporal } = await import('../prepare/prepare.js');
  const { verifyCredits } = await import('../upgrade/upgrade.js');
  await verifyCredits(database.databaseUrl, say);
  if (options.withoutNats !== true) {
    await reaching(`NATS at ${redactUrl(nats.natsUrl)}`, 'check NATS_URL and its credentials', () =>
      prepareStreams(nats, pino({ level: 'silent' }), say),
    );
  }
  if (options.withoutTemporal === true) return;
  await reaching(
    `Temporal at ${temporal.temporalAddress}`,
    'check TEMPORAL_ADDRESS and its certificates; where this account may not make namespaces, make it there, and add --without-temporal',
    () => prepareTemporal(temporal, say),
  );
}

async function reaching(what: string, advice: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw new CommandError(`${what}: ${messageOf(error)}`, advice, {
      cause: error,
      exitCode: EXIT.notLooked,
    });
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
