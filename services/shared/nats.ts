import { setTimeout as pause } from 'node:timers/promises';
import { connect, DebugEvents, Events, type NatsConnection, type Status } from 'nats';
import type { Config } from './config.js';
import type { Logger } from './logger.js';

const RECONNECT_WAIT_MS = 250;
const RECONNECT_JITTER_MS = 250;
const CONNECT_TIMEOUT_MS = 5_000;
const DRAIN_TIMEOUT_MS = 2_000;
/** A server that vanished without closing is noticed after two of these. */
const PING_INTERVAL_MS = 10_000;

export interface NatsOptions {
  /** False where somebody waits for an answer: rejects when NATS is not there. Default: wait for it, for ever. */
  readonly waitForServer?: boolean;
}

/** A connection that comes back by itself, for ever. `name` is what NATS' own monitoring shows. */
export async function connectNats(
  config: Pick<Config, 'natsUrl'>,
  logger: Logger,
  name: string,
  { waitForServer = true }: NatsOptions = {},
): Promise<NatsConnection> {
  const nc = await connect({
    servers: config.natsUrl.split(','),
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

/** Sends what is on its way, then closes; a server that is not there is not waited for. */
export async function closeNats(nc: NatsConnection): Promise<void> {
  const tooLong = pause(DRAIN_TIMEOUT_MS, undefined, { ref: false });
  await Promise.race([nc.drain(), tooLong]).catch(() => undefined);
  await nc.close();
}

/** Whether requests can be answered now, kept up to date; `onChange` is told when that changes. */
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
    if (type === Events.Disconnect) logger.warn({ server: data }, 'NATS is gone');
    else if (type === Events.Reconnect) logger.info({ server: data }, 'NATS is back');
    else if (type === Events.Error) logger.warn({ error: data }, 'NATS reports an error');
    else if (type === DebugEvents.StaleConnection) logger.warn('NATS does not answer');
  });
}

async function forEachStatus(nc: NatsConnection, tell: (status: Status) => void): Promise<void> {
  for await (const status of nc.status()) tell(status);
}
