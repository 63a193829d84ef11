import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { KEEPALIVE } from './pool-limits.js';

const CONNECT_TIMEOUT_MS = 5_000;
const RECONNECT_MS = 500;
/** How often a connection that is only listened to is asked whether its other end is there, and how long that may take. */
const PING_MS = 10_000;
const PING_TIMEOUT_MS = 5_000;

export interface ListenOptions {
  readonly connectionString: string;
  readonly applicationName: string;
  /** Inserted into SQL as it is: a constant, never input. */
  readonly channel: string;
  /** Called on every notification and whenever listening starts, since notifications may have been missed before. */
  readonly onNotify: () => void;
  /** Called when the connection is lost or cannot be opened. The listener then reconnects. */
  readonly onLost: (error: unknown) => void;
  readonly pingMs?: number;
  readonly pingTimeoutMs?: number;
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

function createClient({
  connectionString,
  applicationName,
  pingTimeoutMs = PING_TIMEOUT_MS,
}: ListenOptions): pg.Client {
  return new pg.Client({
    connectionString,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: pingTimeoutMs,
    ...KEEPALIVE,
  });
}

/** Resolves with the reason why listening ended. */
async function listenUntilLost(
  client: pg.Client,
  { channel, onNotify, pingMs = PING_MS }: ListenOptions,
): Promise<unknown> {
  const lost = new Promise<unknown>((resolve) => {
    client.on('error', resolve);
    client.on('end', () => resolve(new Error('the connection was closed')));
  });
  client.on('notification', onNotify);
  let pinging: NodeJS.Timeout | undefined;
  try {
    await client.connect();
    await client.query(`listen ${channel}`);
    onNotify();
    // A server that stopped, or vanished without closing the connection, says nothing by itself.
    const silent = new Promise<unknown>((resolve) => {
      pinging = setInterval(() => void client.query('select 1').catch(resolve), pingMs);
    });
    return await Promise.race([lost, silent]);
  } catch (error) {
    return error;
  } finally {
    clearInterval(pinging);
    await client.end().catch(() => undefined);
  }
}
