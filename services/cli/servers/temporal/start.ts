import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SEARCH_ATTRIBUTES } from '../../../../domain/names/search-attributes.js';
import { loadConfigPart } from '../../../shared/config.js';
import { binaryOnPath, type Binary } from '../binary.js';
import { buildWithGo } from '../go-build.js';
import { resolveServer } from '../resolve-server.js';
import { ManagedServer } from '../managed-server.js';
import { findOutside, outsideHandle, type OutsideServer } from '../outside-server.js';
import { withProgress } from '../progress.js';
import type { LaunchContext, ServerHandle } from '../types.js';
import { askTemporal, TEMPORAL } from './connect.js';
import { downloadTemporal } from './download.js';

const NAME = 'Temporal';
const ADVICE =
  'install the Temporal CLI with server 1.28 or later (https://docs.temporal.io/cli), or Go 1.21 or later (https://go.dev/dl) to have it built, or set TEMPORAL_ADDRESS to a running server.';

export interface StartedTemporal {
  readonly handle: ServerHandle;
  readonly address: string;
  /** Only when we run the server. */
  readonly uiUrl?: string;
}

/** Finds Temporal; starts its development server unless the environment has an address. */
export async function startTemporal(context: LaunchContext): Promise<StartedTemporal> {
  const { temporalNamespace } = loadConfigPart(['QUITTANCE_TEMPORAL_NAMESPACE'], context.env);
  const outside = {
    name: NAME,
    variable: 'TEMPORAL_ADDRESS',
    env: context.env,
    ask: (address: string) => askTemporal(address, temporalNamespace),
    redact: (address: string) => address,
  } as const;
  const { source, found } = await resolveServer<OutsideServer | Binary>(
    {
      server: 'Temporal server',
      advice: ADVICE,
      sources: {
        environment: () => findOutside(outside),
        path: () => binaryOnPath(TEMPORAL, context),
        built: () =>
          buildWithGo({ goPackage: 'github.com/temporalio/cli/cmd/temporal' }, TEMPORAL, context),
        download: () => downloadTemporal(context),
      },
    },
    context.allowed,
  );
  if (found.kind === 'outside') {
    return { handle: outsideHandle(outside, found), address: found.address };
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

const DATABASE = 'temporal.db';

/**
 * By default the development server takes 50 ms per task in a quiet sequence and stalls for seconds
 * under load. With these four settings it takes about 10 ms.
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
          // Workflow starts per second: 12 without these two, 55 with them.
          ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'],
        ]
      : []),
  ];
}

/** Also removes the files that SQLite keeps beside it. */
async function removeDatabase(dataDir: string): Promise<void> {
  const files = (await readdir(dataDir)).filter((name) => name.startsWith(DATABASE));
  await Promise.all(files.map((name) => rm(join(dataDir, name), { force: true })));
}
