import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'nats';
import { loadConfigPart, redactUrl } from '../../../shared/config.js';
import { NATS_KEYS, natsOptions } from '../../../shared/nats-access/options.js';
import { inboxPrefixOf } from '../../../shared/nats-access/permissions.js';
import { messageOf } from '../../run-command.js';
import { type Binary, binaryOnPath, type ProgramSpec } from '../binary.js';
import { buildWithGo } from '../go-build.js';
import { resolveServer, type ServerSearch } from '../resolve-server.js';
import { ManagedServer } from '../managed-server.js';
import { findOutside, outsideHandle, type OutsideServer } from '../outside-server.js';
import { withProgress } from '../progress.js';
import type { LaunchContext, ServerHandle } from '../types.js';
import { checkVersion } from '../version.js';

const NAME = 'NATS';
const ADVICE =
  'install nats-server 2.10 or later (https://github.com/nats-io/nats-server/releases), or Go 1.21 or later (https://go.dev/dl) to have it built, or set NATS_URL to a running server with JetStream.';

const NATS_SERVER: ProgramSpec = {
  name: 'nats-server',
  version: /v?(\d+)\.(\d+)\.(\d+)/,
  minimum: [2, 10],
};

/** Finds NATS; starts it with JetStream unless the environment has its URL. */
export async function startNats(
  context: LaunchContext,
): Promise<{ handle: ServerHandle; url: string }> {
  const outside = {
    name: NAME,
    variable: 'NATS_URL',
    env: context.env,
    ask: askNats,
    redact: (urls: string) => urls.split(',').map(redactUrl).join(','),
  } as const;
  const { source, found } = await resolveServer<OutsideServer | Binary>(
    {
      server: 'NATS server',
      advice: ADVICE,
      sources: {
        environment: () => findOutside(outside),
        ...sourcesOf(context),
      },
    },
    context.allowed,
  );
  if (found.kind === 'outside') {
    return { handle: outsideHandle(outside, found), url: found.address };
  }
  const port = context.ports.nats;
  const url = `nats://127.0.0.1:${port}`;
  const store = join(context.dataDir, 'nats');
  const server = new ManagedServer(
    {
      id: 'nats',
      name: NAME,
      version: found.version,
      source,
      command: found.path,
      args: ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', store],
      cwd: context.dataDir,
      stopSignal: 'SIGTERM',
      ready: () => askNats(url),
      erase: () => rm(store, { recursive: true, force: true }),
    },
    context,
  );
  await withProgress(context.report, `${NAME} ${found.version}: starting`, () => server.start());
  return { handle: server, url };
}

/** A nats-server to run: on PATH, or built. */
export async function findNatsServer(context: LaunchContext): Promise<Binary> {
  const { found } = await resolveServer<Binary>(
    { server: 'NATS server', advice: ADVICE, sources: sourcesOf(context) },
    context.allowed,
  );
  return found;
}

function sourcesOf(context: LaunchContext): ServerSearch<Binary>['sources'] {
  return {
    path: () => binaryOnPath(NATS_SERVER, context),
    built: () =>
      buildWithGo({ goPackage: 'github.com/nats-io/nats-server/v2' }, NATS_SERVER, context),
  };
}

/** The version of NATS. Rejects while it does not answer, or has no JetStream. */
async function askNats(url: string): Promise<string> {
  const config = loadConfigPart(NATS_KEYS, { ...process.env, NATS_URL: url });
  const connection = await connect({
    ...natsOptions(config),
    // As the user `cli` may listen, where permissions are enforced.
    inboxPrefix: inboxPrefixOf('cli'),
    timeout: 5_000,
    reconnect: false,
    name: 'quittance-servers',
  });
  try {
    const version = checkVersion(connection.info?.version ?? '', NATS_SERVER);
    await jetStreamAnswers(await connection.jetstreamManager());
    return version;
  } finally {
    await connection.close();
  }
}

async function jetStreamAnswers(manager: {
  getAccountInfo: () => Promise<unknown>;
}): Promise<void> {
  await manager.getAccountInfo().catch((error: unknown) => {
    throw new Error(`JetStream does not answer: ${messageOf(error)}`, { cause: error });
  });
}
