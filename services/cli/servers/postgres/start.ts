import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { redactUrl } from '../../../shared/config.js';
import { resolveServer } from '../resolve-server.js';
import { ManagedServer } from '../managed-server.js';
import { findOutside, outsideHandle, type OutsideServer } from '../outside-server.js';
import { withProgress } from '../progress.js';
import type { LaunchContext, ServerHandle, Source } from '../types.js';
import { binariesFromNpm, binariesOnPath, type PostgresBinaries } from './binaries.js';
import { askPostgres, createDatabaseIfAbsent } from './connect.js';
import { postgresHome, type PostgresHome } from './home.js';
import { initialise, removeForeignLock } from './initialise.js';

const NAME = 'PostgreSQL';
const ADVICE =
  'install PostgreSQL 15 or later (Debian: apt-get install postgresql; macOS: brew install postgresql@17), or set DATABASE_URL to a running server.';

/** Finds PostgreSQL; starts it unless the environment has its URL. Gives the URL of our database. */
export async function startPostgres(
  context: LaunchContext,
): Promise<{ handle: ServerHandle; url: string }> {
  let home: PostgresHome | undefined;
  const homeOnce = async (): Promise<PostgresHome> => (home ??= await postgresHome(context));
  const outside = {
    name: NAME,
    variable: 'DATABASE_URL',
    env: context.env,
    ask: askPostgres,
    redact: redactUrl,
  } as const;
  const { source, found } = await resolveServer<OutsideServer | PostgresBinaries>(
    {
      server: NAME,
      advice: ADVICE,
      sources: {
        environment: () => findOutside(outside),
        path: async () => binariesOnPath(context, await homeOnce()),
        npm: async () => binariesFromNpm(context, await homeOnce()),
      },
    },
    context.allowed,
  );
  if (found.kind === 'outside') {
    return { handle: outsideHandle(outside, found), url: found.address };
  }
  return launch(context, await homeOnce(), source, found);
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
      // PostgreSQL's fast shutdown: ends connections and writes everything.
      stopSignal: 'SIGINT',
      ready: async () => {
        await askPostgres(`${address}/postgres`);
        await createDatabaseIfAbsent(`${address}/postgres`, 'quittance');
      },
      // After a kill, its backends still run for a short time.
      tryAgain: (log) => /pre-existing shared memory block|lock file .* already exists/.test(log),
      erase: async () => {
        await rm(home.data, { recursive: true, force: true });
        await initialise(binaries, { ...home, majorVersion: undefined }, { durable });
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

/** Listens on the loopback address only, over TCP: systems differ in where a Unix socket may be. */
function settings(port: number, durable: boolean): string[] {
  const values = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    // Several processes, each with a pool, and those of tests and of the bench.
    'max_connections=300',
    // Without fsync a commit survives a killed process, but not a power failure. synchronous_commit
    // stays on: without it a killed process would lose commits.
    ...(durable ? ['fsync=on'] : ['fsync=off', 'full_page_writes=off']),
  ];
  return values.flatMap((value) => ['-c', value]);
}
