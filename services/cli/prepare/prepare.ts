import { Connection } from '@temporalio/client';
import type { JetStreamManager } from 'nats';
import type { Logger } from 'pino';
import type { Config } from '../../shared/config.js';
import { closeNats, connectNats } from '../../shared/nats.js';
import type { NatsConfig } from '../../shared/nats-access/options.js';
import { registerSearchAttributes } from '../../shared/search-attributes.js';
import { ensureStreams, streamNames } from '../../shared/streams.js';
import { type TemporalConfig, temporalConnection } from '../../shared/temporal/access.js';
import { ensureNamespace } from './temporal-namespace.js';

type Report = (line: string) => void;

const CONNECT_MS = 10_000;

/** Temporal's namespace, with its retention and our search attributes. May be run again, and by several at once. */
export async function prepareTemporal(
  config: TemporalConfig & Pick<Config, 'temporalRetentionDays'>,
  report: Report,
): Promise<void> {
  const { temporalNamespace: namespace, temporalRetentionDays: retentionDays } = config;
  const connection = await Connection.connect({
    ...temporalConnection(config),
    connectTimeout: CONNECT_MS,
  });
  try {
    const result = await ensureNamespace(connection, { namespace, retentionDays });
    report(
      `Temporal: namespace ${namespace} ${result}, histories are kept for ${retentionDays} days`,
    );
    const added = await registerSearchAttributes(connection, namespace);
    report(
      `Temporal: search attributes ${added.length === 0 ? 'up to date' : `${added.join(', ')} added`}`,
    );
  } finally {
    await connection.close();
  }
}

/** The streams, with as many copies as configured. */
export async function prepareStreams(
  config: NatsConfig & Pick<Config, 'natsReplicas'>,
  logger: Logger,
  report: Report,
): Promise<void> {
  const nc = await connectNats(config, logger, 'cli', { waitForServer: false });
  try {
    await ensureStreams(nc, undefined, config.natsReplicas);
    const manager = await nc.jetstreamManager();
    const copies = await Promise.all(streamNames().map((name) => copiesOf(manager, name)));
    const fewest = Math.min(...copies);
    report(`NATS: ${copies.length} streams, copies of each: ${fewest}`);
    // A server that is no cluster takes the setting and makes one copy.
    if (fewest < (config.natsReplicas ?? 1)) {
      throw new Error(`${config.natsReplicas} copies are configured, and there are ${fewest}`);
    }
  } finally {
    await closeNats(nc);
  }
}

async function copiesOf(manager: JetStreamManager, name: string): Promise<number> {
  const { cluster } = await manager.streams.info(name);
  return 1 + (cluster?.replicas?.length ?? 0);
}
