import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

const CONNECT_TIMEOUT_MS = 5_000;
const RECONNECT_MS = 500;

export interface ListenOptions {
  readonly connectionString: string;
  readonly applicationName: string;
  /** Inserted into SQL as it is: a constant, never input. */
  readonly channel: string;
  /** Called on every notification and whenever listening starts, since notifications may have been missed before. */
  readonly onNotify: () => void;
  /** Called when the connection is lost or cannot be opened. The listener then reconnects. */
  readonly onLost: (error: unknown) => void;
}

export interface Listener {
  stop(): Promise<void>;
}

/** Runs LISTEN on its own connection and reconnects whenever it is lost. */
export function listen(options: ListenOptions): Listener {
  const stopping = new AbortController();
  const { signal } = stopping;
  let client: pg.Client | undefined;
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      client = createClient(options);
      const reason = await listenUntilLost(client, options);
      if (isAborted(signal)) return;
      options.onLost(reason);
      await pause(RECONNECT_MS, undefined, { signal }).catch(() => undefined);
    }
  };
  const done = run();
  return {
    stop: async () => {
      stopping.abort();
      await client?.end().catch(() => undefined);
      await done;
    },
  };
}

/** A function, because TypeScript narrows `signal.aborted` to false after the first check in a loop. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function createClient({ connectionString, applicationName }: ListenOptions): pg.Client {
  return new pg.Client({
    connectionString,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  });
}

/** Resolves with the reason why listening ended. */
async function listenUntilLost(
  client: pg.Client,
  { channel, onNotify }: ListenOptions,
): Promise<unknown> {
  const lost = new Promise<unknown>((resolve) => {
    client.on('error', resolve);
    client.on('end', () => resolve(new Error('the connection was closed')));
  });
  client.on('notification', onNotify);
  try {
    await client.connect();
    await client.query(`listen ${channel}`);
    onNotify();
    return await lost;
  } catch (error) {
    return error;
  } finally {
    await client.end().catch(() => undefined);
  }
}
