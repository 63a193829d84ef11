import type { Command } from 'commander';
import { pino } from 'pino';
import { loadConfigPart, redactUrl } from '../../shared/config.js';
import { NATS_KEYS } from '../../shared/nats-access/options.js';
import { closeNats, connectNats } from '../../shared/nats.js';
import { compare, type Difference } from '../differences/compare.js';
import { readTold, type Told } from '../differences/read-streams.js';
import { EXIT } from '../exit-codes.js';
import { timeOf } from '../intake/time-argument.js';
import { CommandError, messageOf } from '../run-command.js';
import { table } from '../table.js';
import { withPool } from '../with-pool.js';

interface Options {
  readonly since: Date;
  readonly json?: boolean;
}

export function addDifferences(program: Command): void {
  program
    .command('differences')
    .description(
      'what NATS was told and PostgreSQL does not show, after it was restored to an earlier time; changes nothing',
    )
    .requiredOption('--since <time>', 'the time to which it was restored', timeOf)
    .option('--json', 'one JSON object per line')
    .action(async ({ since, json = false }: Options) => {
      const told = await toldSince(since);
      const found = await withPool((pool) => compare(pool, told));
      for (const line of json ? found.map((one) => JSON.stringify(one)) : report(found, told)) {
        process.stdout.write(`${line}\n`);
      }
    });
}

async function toldSince(since: Date): Promise<Told[]> {
  const config = loadConfigPart(NATS_KEYS);
  try {
    const logger = pino({ level: 'silent' });
    const nc = await connectNats(config, logger, 'cli', { waitForServer: false });
    try {
      return await readTold(nc.jetstream(), since);
    } finally {
      await closeNats(nc);
    }
  } catch (error) {
    throw new CommandError(
      `NATS at ${redactUrl(config.natsUrl)}: ${messageOf(error)}`,
      'check NATS_URL, and that its streams were not emptied',
      { cause: error, exitCode: EXIT.notLooked },
    );
  }
}

function report(found: readonly Difference[], told: readonly Told[]): string[] {
  const rows = found.map(({ kind, id, state, here, at, type, actor, amountMsat }) => [
    ...[at.toISOString(), type === undefined ? kind : `${kind}, ${type}`, id, state],
    ...[here ?? 'not there', amountMsat ?? '', actor ?? (kind === 'attempt' ? 'anonymous' : '')],
  ]);
  const sum = `${told.length} compared, ${found.length} differ`;
  if (rows.length === 0) return [sum];
  return [table([['at', 'what', 'id', 'NATS', 'PostgreSQL', 'msat', 'account'], ...rows]), '', sum];
}
