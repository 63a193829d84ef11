import { resolve } from 'node:path';
import { loadConfigPart } from '../../shared/config.js';
import { messageOf } from '../run-command.js';
import { lockDataFolder } from './data-folder.js';
import { ServerNotFound } from './resolve-server.js';
import { startNats } from './nats/start.js';
import { choosePorts } from './ports.js';
import { startPostgres } from './postgres/start.js';
import { startTemporal } from './temporal/start.js';
import type {
  DatabaseServer,
  LaunchContext,
  ServerHandle,
  Servers,
  StartOptions,
} from './types.js';

export type { Servers, StartOptions } from './types.js';

/**
 * Starts PostgreSQL, NATS with JetStream and Temporal at once, each from the first source that has it.
 * Resolves when all three are ready. When one cannot be started, stops the others and rejects.
 */
export function startServers(options: StartOptions): Promise<Servers> {
  return inDataFolder(options, async (context, failed, release) => {
    const servers = await startAll(context, failed);
    return {
      ...servers,
      stop: async () => {
        await stopAll([servers.postgres, servers.nats, servers.temporal]);
        await release();
      },
    };
  });
}

/** Like {@link startServers}, for PostgreSQL only. */
export function startPostgresAlone(options: StartOptions): Promise<DatabaseServer> {
  return inDataFolder(options, async (context, _failed, release) => {
    const { url, handle } = await startPostgres(context);
    return {
      databaseUrl: url,
      postgres: handle,
      stop: async () => {
        await stopAll([handle]);
        await release();
      },
    };
  });
}

/** Locks the data folder until `release`, or until the start fails. */
async function inDataFolder<T>(
  options: StartOptions,
  start: (
    context: LaunchContext,
    failed: AbortController,
    release: () => Promise<void>,
  ) => Promise<T>,
): Promise<T> {
  const { servers: allowed } = loadConfigPart(['QUITTANCE_SERVERS'], options.env);
  const dataDir = resolve(options.dataDir);
  const folder = await lockDataFolder(dataDir, options.report);
  const failed = new AbortController();
  const signal =
    options.signal === undefined ? failed.signal : AbortSignal.any([failed.signal, options.signal]);
  try {
    options.onLocked?.();
    const ports = await choosePorts(dataDir, options.ports);
    const { durable, env, report } = options;
    const context = { dataDir, durable, env, report, ports, signal, allowed };
    return await start(context, failed, folder.release);
  } catch (error) {
    await folder.release();
    options.signal?.throwIfAborted();
    throw error;
  }
}

async function startAll(
  context: LaunchContext,
  failed: AbortController,
): Promise<Omit<Servers, 'stop'>> {
  const starts = [startPostgres(context), startNats(context), startTemporal(context)] as const;
  // The first failure stops the other builds, which may take minutes.
  for (const start of starts) start.catch((error: unknown) => failed.abort(error));
  try {
    const [postgres, nats, temporal] = await Promise.all(starts);
    return {
      databaseUrl: postgres.url,
      natsUrl: nats.url,
      temporalAddress: temporal.address,
      ...(temporal.uiUrl === undefined ? {} : { temporalUiUrl: temporal.uiUrl }),
      postgres: postgres.handle,
      nats: nats.handle,
      temporal: temporal.handle,
    };
  } catch (error) {
    const settled = await Promise.allSettled(starts);
    const started = settled.flatMap((start) =>
      start.status === 'fulfilled' ? [start.value.handle] : [],
    );
    await stopAll(started);
    throw allNotFound(settled) ?? error;
  }
}

/** One error for all servers that were not found, so that a person can install them at once. */
function allNotFound(
  settled: readonly PromiseSettledResult<unknown>[],
): ServerNotFound | undefined {
  const reasons = settled.flatMap((start): unknown[] =>
    start.status === 'rejected' ? [start.reason] : [],
  );
  // A build that was aborted rejects with the error that aborted it.
  const missing = [...new Set(reasons)].filter((reason) => reason instanceof ServerNotFound);
  if (missing.length < 2) return undefined;
  return new ServerNotFound(
    missing.map(({ message }) => message).join('\n'),
    missing.map(({ next }) => next).join('\n  next: '),
  );
}

/** Servers from the environment are not stopped. */
async function stopAll(handles: readonly ServerHandle[]): Promise<void> {
  const ours = handles.filter((handle) => handle.source !== 'environment');
  const results = await Promise.allSettled(ours.map((handle) => handle.stop()));
  const failures = results.flatMap((result) =>
    result.status === 'rejected' ? [messageOf(result.reason)] : [],
  );
  if (failures.length > 0) throw new Error(`could not stop all servers: ${failures.join('; ')}`);
}
