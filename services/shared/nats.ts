import { setTimeout as pause } from 'node:timers/promises';
import { connect, DebugEvents, Events, type NatsConnection, type Status } from 'nats';
import type { Logger } from './logger.js';
import { natsOptions, type NatsConfig } from './nats-access/options.js';
import { inboxPrefixOf } from './nats-access/permissions.js';

const RECONNECT_WAIT_MS = 250;
const RECONNECT_JITTER_MS = 250;
const CONNECT_TIMEOUT_MS = 5_000;
const DRAIN_TIMEOUT_MS = 2_000;
/** A server that disappears without closing the connection is noticed after two or three of these. */
const PING_INTERVAL_MS = 2_000;

export interface NatsOptions {
  /** False for interactive use: rejects when NATS cannot be reached. Default: wait for it without limit. */
  readonly waitForServer?: boolean;
}

/** A connection that reconnects by itself, without limit. NATS' monitoring shows `name`. */
export async function connectNats(
  config: NatsConfig,
  logger: Logger,
  name: string,
  { waitForServer = true }: NatsOptions = {},
): Promise<NatsConnection> {
  const nc = await connect({
    ...natsOptions(config),
    inboxPrefix: inboxPrefixOf(name),
    name: `quittance-${name}`,
    waitOnFirstConnect: waitForServer,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_WAIT_MS,
    reconnectJitter: RECONNECT_JITTER_MS,
    timeout: CONNECT_TIMEOUT_MS,
    pingInterval: PING_INTERVAL_MS,
    maxPingOut: 2,
    noAsyncTraces: true,
  });
  void logStatus(nc, logger);
  return nc;
}

/** Sends what is buffered, then closes. Does not wait for a server that is down. */
export async function closeNats(nc: NatsConnection): Promise<void> {
  const timeout = pause(DRAIN_TIMEOUT_MS, undefined, { ref: false });
  await Promise.race([nc.drain(), timeout]).catch(() => undefined);
  await nc.close();
}

/** Returns a function that says whether NATS is connected now. `onChange` is called when that changes. */
export function watchConnection(
  nc: NatsConnection,
  onChange: (connected: boolean) => void = () => undefined,
): () => boolean {
  let connected = true;
  const change = (now: boolean): void => {
    connected = now;
    onChange(now);
  };
  void forEachStatus(nc, ({ type }) => {
    if (type === Events.Disconnect) change(false);
    if (type === Events.Reconnect) change(true);
  });
  return () => connected && !nc.isClosed();
}

async function logStatus(nc: NatsConnection, logger: Logger): Promise<void> {
  await forEachStatus(nc, ({ type, data }) => {
    if (type === Events.Disconnect) logger.warn({ server: data }, 'disconnected from NATS');
    else if (type === Events.Reconnect) logger.info({ server: data }, 'reconnected to NATS');
    else if (type === Events.Error) logger.warn({ error: data }, 'NATS reports an error');
    else if (type === DebugEvents.StaleConnection) logger.warn('NATS does not answer');
  });
}

async function forEachStatus(
  nc: NatsConnection,
  onStatus: (status: Status) => void,
): Promise<void> {
  for await (const status of nc.status()) onStatus(status);
}
