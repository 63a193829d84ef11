import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SEARCH_ATTRIBUTES } from '../../../../domain/names/search-attributes.js';
import { loadConfigPart } from '../../../shared/config.js';
import { messageOf } from '../../run-command.js';
import { binaryOnPath, type Binary } from '../binary.js';
import { buildWithGo } from '../go-build.js';
import { climb, NotHere } from '../resolve-server.js';
import { ManagedServer } from '../managed-server.js';
import { outsideServer } from '../outside-server.js';
import { withProgress } from '../progress.js';
import type { LaunchContext, ServerHandle } from '../types.js';
import { askTemporal } from './connect.js';
import { downloadTemporal } from './download.js';
import { TEMPORAL } from './kind.js';

const NAME = 'Temporal';
const ADVICE =
  'install the Temporal CLI with server 1.28 or later (https://docs.temporal.io/cli), or Go 1.21 or later (https://go.dev/dl) to have it built, or set TEMPORAL_ADDRESS to one that runs.';

interface Outside {
  readonly kind: 'outside';
  readonly address: string;
  readonly version: string;
}

export interface StartedTemporal {
  readonly handle: ServerHandle;
  readonly address: string;
  /** Only where we run it. */
  readonly uiUrl?: string;
}

/** Finds Temporal, starts its development server unless somebody else runs one. */
export async function startTemporal(context: LaunchContext): Promise<StartedTemporal> {
  const { temporalNamespace } = loadConfigPart(['QUITTANCE_TEMPORAL_NAMESPACE'], context.env);
  const { source, found } = await climb<Outside | Binary>(
    {
      server: 'Temporal server',
      advice: ADVICE,
      steps: {
        environment: () => fromEnvironment(context.env['TEMPORAL_ADDRESS'], temporalNamespace),
        path: () => binaryOnPath(TEMPORAL, context),
        built: () => buildWithGo('github.com/temporalio/cli/cmd/temporal', TEMPORAL, context),
        download: () => downloadTemporal(context),
      },
    },
    context.allowed,
  );
  if (found.kind === 'outside') {
    const handle = outsideServer(NAME, found.version, 'TEMPORAL_ADDRESS');
    return { handle, address: found.address };
  }
  const address = `127.0.0.1:${context.ports.temporal}`;
  const server = new ManagedServer(
    {
      id: 'temporal',
      name: NAME,
      version: found.version,
      source,
      command: found.path,
      args: ['server', 'start-dev', ...settings(context, temporalNamespace)],
      cwd: context.dataDir,
      stopSignal: 'SIGTERM',
      ready: () => askTemporal(address, temporalNamespace),
      erase: () => removeDatabase(context.dataDir),
    },
    context,
  );
  await withProgress(context.report, `${NAME} ${found.version}: starting`, () => server.start());
  return { handle: server, address, uiUrl: `http://127.0.0.1:${context.ports.temporalUi}` };
}

async function fromEnvironment(address: string | undefined, namespace: string): Promise<Outside> {
  if (address === undefined || address.trim() === '') {
    throw new NotHere('TEMPORAL_ADDRESS is not set');
  }
  try {
    return { kind: 'outside', address, version: await askTemporal(address, namespace) };
  } catch (error) {
    throw new Error(
      `TEMPORAL_ADDRESS is set, to ${address}, but Temporal there cannot be used: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

const DATABASE = 'temporal.db';

/**
 * Out of the box the development server moves one task per 50 ms in a quiet sequence and stalls
 * for seconds under load; these four settings bring that to about 10 ms.
 */
const DYNAMIC = [
  'history.transferProcessorMaxPollRPS=2000',
  'history.timerProcessorMaxPollRPS=2000',
  'matching.numTaskqueueReadPartitions=1',
  'matching.numTaskqueueWritePartitions=1',
];

function settings({ dataDir, durable, ports }: LaunchContext, namespace: string): string[] {
  return [
    ...['--ip', '127.0.0.1', '--port', String(ports.temporal)],
    ...['--ui-port', String(ports.temporalUi), '--namespace', namespace],
    ...DYNAMIC.flatMap((value) => ['--dynamic-config-value', value]),
    ...SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
    ...(durable
      ? [
          ...['--db-filename', join(dataDir, DATABASE)],
          // Begins per second: 12 without these two, 55 with them.
          ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'],
        ]
      : []),
  ];
}

/** With the files SQLite keeps beside it. */
async function removeDatabase(dataDir: string): Promise<void> {
  const files = (await readdir(dataDir)).filter((name) => name.startsWith(DATABASE));
  await Promise.all(files.map((name) => rm(join(dataDir, name), { force: true })));
}
