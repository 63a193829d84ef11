import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

const CONNECT_TIMEOUT_MS = 5_000;
const RECONNECT_MS = 500;

export interface ListenOptions {
  readonly connectionString: string;
  readonly applicationName: string;
  /** An identifier of ours, never input. */
  readonly channel: string;
  /** Told of every notification, and each time listening begins: something may have been missed before. */
  readonly onNotify: () => void;
  /** Told when the connection is lost or cannot be made; it is made again. */
  readonly onLost: (error: unknown) => void;
}

export interface Listener {
  stop(): Promise<void>;
}

/** Listens on a connection of its own, which is made again whenever it is lost. */
export function listen(options: ListenOptions): Listener {
  const stopping = new AbortController();
  const { signal } = stopping;
  let client: pg.Client | undefined;
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      client = createClient(options);
      const why = await listenUntilLost(client, options);
      if (isAborted(signal)) return;
      options.onLost(why);
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

/** The compiler takes it for a constant. */
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

/** Gives why it ended. */
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
