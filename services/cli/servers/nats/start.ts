import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'nats';
import { redactUrl } from '../../../shared/config.js';
import { messageOf } from '../../run-command.js';
import { binaryOnPath, type Binary, type Kind } from '../binary.js';
import { buildWithGo } from '../go-build.js';
import { climb, NotHere } from '../resolve-server.js';
import { ManagedServer } from '../managed-server.js';
import { outsideServer } from '../outside-server.js';
import { withProgress } from '../progress.js';
import type { LaunchContext, ServerHandle } from '../types.js';
import { formatVersion, isAtLeast, parseVersion } from '../version.js';

const NAME = 'NATS';
const ADVICE =
  'install nats-server 2.10 or later (https://github.com/nats-io/nats-server/releases), or Go 1.21 or later (https://go.dev/dl) to have it built, or set NATS_URL to one that runs with JetStream.';

const KIND: Kind = {
  program: 'nats-server',
  version: /v?(\d+)\.(\d+)\.(\d+)/,
  minimum: [2, 10],
};

interface Outside {
  readonly kind: 'outside';
  readonly url: string;
  readonly version: string;
}

/** Finds NATS, starts it with JetStream unless somebody else runs it, and gives its URL. */
export async function startNats(
  context: LaunchContext,
): Promise<{ handle: ServerHandle; url: string }> {
  const { source, found } = await climb<Outside | Binary>(
    {
      server: 'NATS server',
      advice: ADVICE,
      steps: {
        environment: () => fromEnvironment(context.env['NATS_URL']),
        path: () => binaryOnPath(KIND, context),
        built: () => buildWithGo('github.com/nats-io/nats-server/v2', KIND, context),
      },
    },
    context.allowed,
  );
  if (found.kind === 'outside') {
    return { handle: outsideServer(NAME, found.version, 'NATS_URL'), url: found.url };
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

async function fromEnvironment(url: string | undefined): Promise<Outside> {
  if (url === undefined || url.trim() === '') throw new NotHere('NATS_URL is not set');
  try {
    return { kind: 'outside', url, version: await askNats(url) };
  } catch (error) {
    const shown = url.split(',').map(redactUrl).join(',');
    throw new Error(
      `NATS_URL is set, to ${shown}, but NATS there cannot be used: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

/** Rejects as long as it does not answer, or has no JetStream; gives its version. */
async function askNats(url: string): Promise<string> {
  const connection = await connect({
    servers: url.split(','),
    timeout: 5_000,
    reconnect: false,
    name: 'quittance-servers',
  });
  try {
    const version = parseVersion(connection.info?.version ?? '', KIND.version);
    if (version === undefined) throw new Error('it does not tell its version');
    if (!isAtLeast(version, KIND.minimum)) {
      const least = formatVersion(KIND.minimum);
      throw new Error(`it is ${formatVersion(version)}, older than ${least}`);
    }
    await jetStreamAnswers(await connection.jetstreamManager());
    return formatVersion(version);
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
