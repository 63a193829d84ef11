import type { ConsumerInfo, JetStreamManager } from 'nats';
import type { Registry } from 'prom-client';
import type { StreamName } from '../../domain/names/subjects.js';
import type { Logger } from './logger.js';
import { lazyGauge, readableGauge, type Sample } from './metrics.js';
import { scrapeReading } from './scrape-reading.js';

interface StreamState {
  readonly name: string;
  readonly messages: number;
  readonly consumers: readonly ConsumerInfo[];
}

/** How far each consumer is behind, and how many dead letters there are. */
export function registerStreamMetrics(
  registry: Registry,
  logger: Logger,
  manager: JetStreamManager,
): void {
  const read = scrapeReading(() => readStreams(manager));
  const gauge = (name: string, help: string, pick: (info: ConsumerInfo) => number): void =>
    lazyGauge(registry, logger, {
      name,
      help,
      labelNames: ['stream', 'consumer'],
      read: async () => byConsumer((await read()).value, pick),
    });
  gauge(
    'quittance_consumer_lag',
    'Messages not yet delivered to a consumer.',
    (info) => info.num_pending,
  );
  gauge(
    'quittance_consumer_unacknowledged',
    'Messages delivered to a consumer and not yet acknowledged.',
    (info) => info.num_ack_pending,
  );
  lazyGauge(registry, logger, {
    name: 'quittance_dead_letters',
    help: 'Messages that were refused and wait for an operator (`quittance deadletters list`).',
    labelNames: [],
    read: async () => [{ labels: {}, value: deadLetters((await read()).value) }],
  });
  readableGauge(registry, logger, 'streams', read);
}

const DEAD_LETTERS: StreamName = 'DEADLETTERS';

function deadLetters(streams: readonly StreamState[]): number {
  const letters = streams.find(({ name }) => name === DEAD_LETTERS);
  if (letters === undefined) throw new Error(`there is no stream ${DEAD_LETTERS}`);
  return letters.messages;
}

function byConsumer(
  streams: readonly StreamState[],
  pick: (info: ConsumerInfo) => number,
): Sample<'stream' | 'consumer'>[] {
  return streams.flatMap(({ name: stream, consumers }) =>
    // Those that are not durable belong to somebody who reads just now.
    consumers
      .filter(({ config }) => (config.durable_name ?? '') !== '')
      .map((info) => ({ labels: { stream, consumer: info.name }, value: pick(info) })),
  );
}

async function readStreams(manager: JetStreamManager): Promise<readonly StreamState[]> {
  const streams: StreamState[] = [];
  for await (const { config, state } of manager.streams.list()) {
    const consumers: ConsumerInfo[] = [];
    for await (const consumer of manager.consumers.list(config.name)) consumers.push(consumer);
    streams.push({ name: config.name, messages: state.messages, consumers });
  }
  return streams;
}
