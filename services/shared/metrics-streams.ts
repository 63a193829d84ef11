import type { JetStreamManager } from 'nats';
import type { Registry } from 'prom-client';
import type { StreamName } from '../../domain/names/subjects.js';
import type { Logger } from './logger.js';
import { lazyGauge, type Sample } from './metrics.js';

/** How far the consumers are behind, and what lies in the dead letters. */
export function registerStreamMetrics(
  registry: Registry,
  logger: Logger,
  streams: JetStreamManager,
): void {
  lazyGauge(registry, logger, {
    name: 'quittance_consumer_lag',
    help: 'Messages a consumer has not been given yet.',
    labelNames: ['stream', 'consumer'],
    read: () => readConsumers(streams, (info) => info.num_pending),
  });
  lazyGauge(registry, logger, {
    name: 'quittance_consumer_unacknowledged',
    help: 'Messages a consumer was given and has not acknowledged.',
    labelNames: ['stream', 'consumer'],
    read: () => readConsumers(streams, (info) => info.num_ack_pending),
  });
  lazyGauge(registry, logger, {
    name: 'quittance_dead_letters',
    help: 'Messages that were refused and wait for a person (`quittance deadletters list`).',
    labelNames: [],
    read: async () => {
      const { state } = await streams.streams.info(DEAD_LETTERS);
      return [{ labels: {}, value: state.messages }];
    },
  });
}

const DEAD_LETTERS: StreamName = 'DEADLETTERS';

async function readConsumers(
  streams: JetStreamManager,
  pick: (info: { readonly num_pending: number; readonly num_ack_pending: number }) => number,
): Promise<Sample<'stream' | 'consumer'>[]> {
  const samples: Sample<'stream' | 'consumer'>[] = [];
  for await (const stream of streams.streams.list()) {
    const { name } = stream.config;
    for await (const consumer of streams.consumers.list(name)) {
      samples.push({ labels: { stream: name, consumer: consumer.name }, value: pick(consumer) });
    }
  }
  return samples;
}
