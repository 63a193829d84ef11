import type { Command } from 'commander';
import { pino } from 'pino';
import { saveDoctorReport } from '../../../engine/operator/doctor-reports.js';
import type { Finding } from '../doctor/check.js';
import { isFailure, runDoctor } from '../doctor/doctor.js';
import { loadExtensions } from '../../shared/extensions.js';
import { loadConfigPart, redactUrl } from '../../shared/config.js';
import { lndChannel, NODE_KEYS, type NodeConfig } from '../../../adapters/lightning/create-node.js';
import { NO_JOURNAL } from '../../../adapters/lightning/lnd/journal.js';
import { LndNode } from '../../../adapters/lightning/lnd/lnd-node.js';
import type { RealNode } from '../doctor/checks/lnd.js';
import { SimulatorControl } from '../../../adapters/lightning/simulator-client/simulator-control.js';
import { NATS_KEYS } from '../../shared/nats-access/options.js';
import { connectNats } from '../../shared/nats.js';
import { createPool } from '../../shared/pool.js';
import { EXIT } from '../exit-codes.js';
import { CommandError, messageOf } from '../run-command.js';
import { table } from '../table.js';
import { coloured } from '../terminal.js';

interface Options {
  readonly json?: boolean;
  readonly atRest?: boolean;
}

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check a live system: nothing is lost, doubled or stuck')
    .option('--json', 'one JSON object per check')
    .option('--at-rest', 'all work has stopped: what is still open is broken, too')
    .action(async ({ json = false, atRest = false }: Options) => {
      const findings = await runAll(atRest);
      for (const line of json ? findings.map((one) => JSON.stringify(one)) : report(findings)) {
        process.stdout.write(`${line}\n`);
      }
      process.exitCode = exitCodeOf(findings);
    });
}

/** What is broken counts more than what could not be looked at. */
function exitCodeOf(findings: readonly Finding[]): number {
  if (findings.some(({ verdict }) => verdict === 'BROKEN')) return EXIT.broken;
  return findings.some(isFailure) ? EXIT.notLooked : EXIT.well;
}

async function runAll(atRest: boolean): Promise<Finding[]> {
  const config = loadConfigPart([
    ...NATS_KEYS,
    'DATABASE_URL',
    ...NODE_KEYS,
    'QUITTANCE_OUTBOX_KEEP_HOURS',
    'QUITTANCE_EXTENSIONS',
  ]);
  await loadExtensions(config.extensions);
  const { databaseUrl, outboxKeepHours } = config;
  const logger = pino({ level: 'silent' });
  const pool = createPool({ databaseUrl, dbPoolSize: 2 }, logger);
  const node = nodeOf(config);
  try {
    const findings = await runDoctor({
      pool,
      connectNats: () => connectNats(config, logger, 'doctor', { waitForServer: false }),
      ...{ node, outboxKeepHours },
      atRest,
    });
    // Operators see it on their page. A doctor that may only read keeps nothing.
    await saveDoctorReport(pool, !findings.some(isFailure), findings).catch(() => undefined);
    return findings;
  } catch (error) {
    throw new CommandError(
      `PostgreSQL at ${redactUrl(databaseUrl)}: ${messageOf(error)}`,
      'check DATABASE_URL, and that its migrations are applied (quittance migrate --status)',
      { cause: error, exitCode: EXIT.notLooked },
    );
  } finally {
    if ('channel' in node) node.channel.close();
    await pool.end();
  }
}

function nodeOf(config: NodeConfig): SimulatorControl | RealNode {
  if (config.lightningBackend === 'lnd') {
    const channel = lndChannel(config);
    const { lightningNetwork, lightningNode } = config;
    return {
      ...{ channel, port: new LndNode(channel, NO_JOURNAL) },
      expected: { lightningNetwork, lightningNode },
    };
  }
  const { lightningUrl: url, nodeTimeoutSeconds } = config;
  return new SimulatorControl({ url, timeoutMs: nodeTimeoutSeconds * 1000 });
}

function report(findings: readonly Finding[]): string[] {
  const rows = findings.map(({ check, verdict, count, ids, note }) => {
    const more = count > ids.length ? ` and ${count - ids.length} more` : '';
    const which = `${ids.join(', ')}${more}`;
    return [check, verdict, [which, note ?? ''].filter((text) => text !== '').join('; ')];
  });
  const failed = findings.filter(isFailure).length;
  return [
    withColours(table([['check', 'result', 'which'], ...rows])),
    '',
    `${findings.length} checks, ${failed} failed`,
  ];
}

function withColours(lines: string): string {
  return lines
    .replaceAll(/ BROKEN(?= |$)/gm, (found) => coloured('red', found))
    .replaceAll(/ (warning|unchecked)(?= |$)/gm, (found) => coloured('yellow', found));
}
