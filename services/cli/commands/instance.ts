import { connect } from 'nats';
import { Connection } from '@temporalio/client';
import type { Command } from 'commander';
import pg from 'pg';
import { loadConfigPart, redactUrl } from '../../shared/config.js';
import { NATS_KEYS, natsOptions } from '../../shared/nats-access/options.js';
import { temporalConfigAt, temporalConnection } from '../../shared/temporal/access.js';
import { EXIT } from '../exit-codes.js';
import { findInstance } from '../find-instance.js';
import { CommandError, messageOf } from '../run-command.js';
import { untilGone } from '../servers/until.js';
import { table } from '../table.js';
import { coloured } from '../terminal.js';
import type { Instance } from '../up/home.js';

const ASK_MS = 5_000;
const STOP_MS = 120_000;

/** Commands about the instance that `quittance up` (npm start) runs in this folder. */
export function addInstance(program: Command): void {
  program
    .command('status')
    .description('what runs here and whether it answers: 0 well, 1 broken, 2 nothing to look at')
    .action(async () => {
      process.exitCode = await showStatus(await running());
    });
  program
    .command('env')
    .description('its environment, for a shell: eval "$(npm run -s quittance -- env)"')
    .action(async () => {
      process.stdout.write(`${(await running()).text}\n`);
    });
  program
    .command('down')
    .description('stop everything that runs here, and wait for it')
    .action(async () => {
      const instance = await findInstance();
      if (instance === undefined) {
        process.stdout.write('nothing runs here\n');
        return;
      }
      process.kill(instance.owner.pid, 'SIGTERM');
      if (await untilGone(instance.owner, STOP_MS)) process.stdout.write('stopped\n');
      else
        throw new CommandError('it still runs after two minutes', 'its logs say what it waits for');
    });
}

async function running(): Promise<Instance> {
  const instance = await findInstance();
  if (instance !== undefined) return instance;
  throw new CommandError('nothing runs in this folder', 'npm start', { exitCode: EXIT.notLooked });
}

async function showStatus({ owner, home, variables }: Instance): Promise<number> {
  const url = (name: string): string => variables[name] ?? '';
  const asked = await Promise.all([
    ask('API', url('QUITTANCE_API_URL'), askHttp),
    ask('PostgreSQL', url('DATABASE_URL'), askPostgres),
    ask('NATS', url('NATS_URL'), askNats),
    ask('Temporal', url('TEMPORAL_ADDRESS'), askTemporal),
  ]);
  const rows = asked.map(({ what, address, problem }) => [
    ...[what, redactUrl(address), problem ?? 'answers'],
  ]);
  const well = asked.every(({ problem }) => problem === undefined);
  const lines = table([['what', 'where', 'state'], ...rows]);
  const verdict = well
    ? coloured('green', 'it runs')
    : coloured('red', 'something does not answer');
  process.stdout.write(`${lines}\n\n${verdict} (process ${owner.pid}, data in ${home.folder})\n`);
  return well ? EXIT.well : EXIT.broken;
}

async function ask(
  what: string,
  address: string,
  question: (address: string) => Promise<unknown>,
): Promise<{ what: string; address: string; problem: string | undefined }> {
  try {
    await question(address);
    return { what, address, problem: undefined };
  } catch (error) {
    return { what, address, problem: messageOf(error) };
  }
}

async function askHttp(address: string): Promise<void> {
  const { status } = await fetch(`${address}/healthz`, { signal: AbortSignal.timeout(ASK_MS) });
  if (status !== 200) throw new Error(`answers ${status}`);
}

async function askPostgres(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: ASK_MS });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('select 1').finally(() => client.end());
}

/** With the credentials in the environment, as every command has them. */
async function askNats(natsUrl: string): Promise<void> {
  const config = loadConfigPart(NATS_KEYS, { ...process.env, NATS_URL: natsUrl });
  const nats = await connect({ ...natsOptions(config), timeout: ASK_MS, reconnect: false });
  await nats.close();
}

async function askTemporal(address: string): Promise<void> {
  const access = temporalConnection(temporalConfigAt(address));
  const connection = await Connection.connect({ ...access, connectTimeout: ASK_MS });
  await connection.close();
}
