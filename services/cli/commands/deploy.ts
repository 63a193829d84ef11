import { type Command, InvalidArgumentError } from 'commander';
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { migrationStatus } from '../../../db/migrate.js';
import { ownMigrations, readSchemaState, schemaProblem } from '../../../db/schema-fit.js';
import { loadConfigPart } from '../../shared/config.js';
import { directUrl } from '../../shared/pool.js';
import {
  TEMPORAL_KEYS,
  temporalConnection,
  temporalPayloads,
} from '../../shared/temporal/access.js';
import { EXIT } from '../exit-codes.js';
import { CommandError, messageOf } from '../run-command.js';

interface Options {
  readonly saved?: string;
  readonly live: number;
}

const CONNECT_MS = 10_000;

export function addDeploy(program: Command): void {
  program
    .command('deploy')
    .description('what a rollout asks before it goes on')
    .command('check')
    .description(
      "whether this release fits: the database's schema is in its range, and running workflows' histories replay on its code; changes nothing",
    )
    .option('--saved <folder>', 'also replay the histories in this folder')
    .option(
      '--live <number>',
      'running workflows of each type to replay, at most',
      wholeNumber,
      200,
    )
    .action(check);
}

async function check({ saved, live }: Options): Promise<void> {
  const database = loadConfigPart(['DATABASE_URL', 'DATABASE_DIRECT_URL']);
  const temporal = loadConfigPart(TEMPORAL_KEYS);
  const problems = await schemaProblems(directUrl(database));
  const { liveHistories, replay, savedHistories } = await import('../deploy-check/replay.js');
  const payloads = temporalPayloads(temporal);
  if (saved !== undefined) {
    const result = await replay(savedHistories(saved), payloads);
    say(`${result.replayed} saved histories replayed`);
    problems.push(...result.problems);
  }
  const { temporalAddress: address, temporalNamespace: namespace } = temporal;
  const connection = await Connection.connect({
    ...temporalConnection(temporal),
    connectTimeout: CONNECT_MS,
  }).catch((error: unknown) => {
    throw notLooked(`Temporal at ${address}: ${messageOf(error)}`, 'check TEMPORAL_ADDRESS');
  });
  try {
    const client = new Client({ connection, namespace, ...payloads });
    const result = await replay(liveHistories(client, live), payloads);
    say(`${result.replayed} histories of running workflows replayed`);
    problems.push(...result.problems);
  } finally {
    await connection.close();
  }
  for (const problem of problems) say(`BROKEN  ${problem}`);
  if (problems.length === 0) {
    say('this release fits');
    return;
  }
  throw new CommandError(
    `this release does not fit: ${problems.length} problems`,
    'do not roll it out; docs/operations.md says what to do where it runs already',
  );
}

/** Whether the schema is one of this release's range, and the files are those that were applied. */
async function schemaProblems(connectionString: string): Promise<string[]> {
  const pool = new pg.Pool({ connectionString, max: 1, connectionTimeoutMillis: CONNECT_MS });
  pool.on('error', () => undefined);
  try {
    const [status, state] = await Promise.all([
      migrationStatus({ connectionString }),
      readSchemaState(pool),
    ]);
    const files = await ownMigrations();
    const newest = Math.max(0, ...files.map(({ version }) => version));
    const here = Math.max(0, ...state.applied);
    say(
      `schema ${here}, which takes releases from ${state.fitsFrom} on; this release has ${newest}`,
    );
    const problem = schemaProblem(files, state);
    return [...(problem === undefined ? [] : [problem]), ...status.problems];
  } catch (error) {
    throw notLooked(`PostgreSQL: ${messageOf(error)}`, 'check DATABASE_URL');
  } finally {
    await pool.end();
  }
}

function notLooked(message: string, next: string): CommandError {
  return new CommandError(message, next, { exitCode: EXIT.notLooked });
}

function wholeNumber(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
