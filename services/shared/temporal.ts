import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import type { Logger } from './logger.js';
import { type TemporalConfig, temporalConnection, temporalPayloads } from './temporal/access.js';

const FIRST_RECONNECT_MS = 200;
/** gRPC's default would wait up to two minutes before it connects again. */
const LAST_RECONNECT_MS = 2_000;

export interface TemporalOptions {
  /** False when the caller retries by itself. Default: the SDK tries ten times. */
  readonly retries?: boolean;
}

export interface TemporalClient extends Client {
  readonly connection: Connection;
}

/**
 * A client that connects at its first call and reconnects by itself. Calls fail while Temporal is down.
 * `client.connection.close()` closes it.
 */
export function connectTemporal(
  config: TemporalConfig,
  logger: Logger,
  { retries = true }: TemporalOptions = {},
): TemporalClient {
  const { temporalAddress: address, temporalNamespace: namespace } = config;
  const options: ConnectionOptions = {
    ...temporalConnection(config),
    channelArgs: {
      'grpc.initial_reconnect_backoff_ms': FIRST_RECONNECT_MS,
      'grpc.max_reconnect_backoff_ms': LAST_RECONNECT_MS,
    },
    ...(retries ? {} : { interceptors: [] }),
  };
  const connection = Connection.lazy(options);
  logger.debug({ address, namespace }, 'using Temporal at this address');
  const client = new Client({ connection, namespace, ...temporalPayloads(config) });
  return Object.assign(client, { connection });
}
