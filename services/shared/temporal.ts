import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import type { Config } from './config.js';
import type { Logger } from './logger.js';

const FIRST_RECONNECT_MS = 200;
/** gRPC alone would wait for up to two minutes before it looks again. */
const LAST_RECONNECT_MS = 2_000;

export interface TemporalOptions {
  /** False where the caller has a way of its own to try again. Default: the SDK tries ten times. */
  readonly retries?: boolean;
}

export interface TemporalClient extends Client {
  readonly connection: Connection;
}

/**
 * A client that connects at its first call and again whenever it must: Temporal may be down, now or later, and calls fail until
 * it is there. `client.connection.close()` closes it.
 */
export function connectTemporal(
  config: Pick<Config, 'temporalAddress' | 'temporalNamespace'>,
  logger: Logger,
  { retries = true }: TemporalOptions = {},
): TemporalClient {
  const { temporalAddress: address, temporalNamespace: namespace } = config;
  const options: ConnectionOptions = {
    address,
    channelArgs: {
      'grpc.initial_reconnect_backoff_ms': FIRST_RECONNECT_MS,
      'grpc.max_reconnect_backoff_ms': LAST_RECONNECT_MS,
    },
    ...(retries ? {} : { interceptors: [] }),
  };
  const connection = Connection.lazy(options);
  logger.debug({ address, namespace }, 'Temporal is called there');
  return Object.assign(new Client({ connection, namespace }), { connection });
}
