import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { redactUrl } from '../../../shared/config.js';
import { messageOf } from '../../run-command.js';
import { climb, NotHere } from '../resolve-server.js';
import { ManagedServer } from '../managed-server.js';
import { outsideServer } from '../outside-server.js';
import { withProgress } from '../progress.js';
import type { LaunchContext, ServerHandle, Source } from '../types.js';
import { binariesFromNpm, binariesOnPath, type PostgresBinaries } from './binaries.js';
import { askPostgres, createDatabaseIfAbsent } from './connect.js';
import { postgresHome, type PostgresHome } from './home.js';
import { initialise, removeForeignLock } from './initialise.js';

const NAME = 'PostgreSQL';
const ADVICE =
  'install PostgreSQL 15 or later (Debian: apt-get install postgresql; macOS: brew install postgresql@17), or set DATABASE_URL to one that runs.';

interface Outside {
  readonly kind: 'outside';
  readonly url: string;
  readonly version: string;
}

/** Finds PostgreSQL, starts it unless somebody else runs it, and gives the URL of our database. */
export async function startPostgres(
  context: LaunchContext,
): Promise<{ handle: ServerHandle; url: string }> {
  let home: PostgresHome | undefined;
  const homeOnce = async (): Promise<PostgresHome> => (home ??= await postgresHome(context));
  const { source, found } = await climb<Outside | PostgresBinaries>(
    {
      server: NAME,
      advice: ADVICE,
      steps: {
        environment: () => fromEnvironment(context.env['DATABASE_URL']),
        path: async () => binariesOnPath(context, await homeOnce()),
        npm: async () => binariesFromNpm(context, await homeOnce()),
      },
    },
    context.allowed,
  );
  if (found.kind === 'outside') {
    return { handle: outsideServer(NAME, found.version, 'DATABASE_URL'), url: found.url };
  }
  return launch(context, await homeOnce(), source, found);
}

async function fromEnvironment(url: string | undefined): Promise<Outside> {
  if (url === undefined || url.trim() === '') throw new NotHere('DATABASE_URL is not set');
  try {
    return { kind: 'outside', url, version: await askPostgres(url) };
  } catch (error) {
    throw new Error(
      `DATABASE_URL is set, to ${redactUrl(url)}, but PostgreSQL there cannot be used: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

async function launch(
  context: LaunchContext,
  home: PostgresHome,
  source: Source,
  binaries: PostgresBinaries,
): Promise<{ handle: ServerHandle; url: string }> {
  const { durable, report, ports } = context;
  const address = `postgres://postgres@127.0.0.1:${ports.postgres}`;
  const server = new ManagedServer(
    {
      id: 'postgres',
      name: NAME,
      version: binaries.version,
      source,
      command: join(binaries.folder, 'postgres'),
      args: ['-D', home.data, ...settings(ports.postgres, durable)],
      cwd: '/',
      user: home.user,
      // "Fast": connections are cut, and everything is written.
      stopSignal: 'SIGINT',
      ready: async () => {
        await askPostgres(`${address}/postgres`);
        await createDatabaseIfAbsent(`${address}/postgres`, 'quittance');
      },
      // Backends of one that was killed take a moment to notice.
      tryAgain: (log) => /pre-existing shared memory block|lock file .* already exists/.test(log),
      erase: async () => {
        await rm(home.data, { recursive: true, force: true });
        await initialise(binaries, { ...home, madeBy: undefined }, { durable });
      },
    },
    context,
  );
  await withProgress(report, `${NAME} ${binaries.version}: starting`, async () => {
    await initialise(binaries, home, context);
    await removeForeignLock(home.data);
    await server.start();
  });
  return { handle: server, url: `${address}/quittance` };
}

/** Only on the loopback address, and over TCP: where sockets may be put differs too much. */
function settings(port: number, durable: boolean): string[] {
  const values = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    // api, worker, relay, lightning and six stations, with a pool each.
    'max_connections=300',
    // Without fsync a commit still survives a killed process, only not a machine that loses power;
    // synchronous_commit stays on, since without it a kill would lose commits.
    ...(durable ? ['fsync=on'] : ['fsync=off', 'full_page_writes=off']),
  ];
  return values.flatMap((value) => ['-c', value]);
}
