import { type ConsumerConfig, type JetStreamManager, NatsError } from 'nats';
import type { StreamName } from '../../domain/names/subjects.js';

const CONSUMER_NOT_FOUND = 10_014;

/** What a consumer of ours says of itself. */
export type WantedConsumer = Partial<ConsumerConfig> & { readonly durable_name: string };

/**
 * Makes a durable consumer, or makes the one that is there what we want today: an installation outlives the release that made
 * it. Where it began to read (`deliver_policy`) stays as it was. May be called by several processes at once.
 */
export async function ensureConsumer(
  manager: JetStreamManager,
  stream: StreamName,
  wanted: WantedConsumer,
): Promise<void> {
  const present = await configPresent(manager, stream, wanted.durable_name);
  if (present === undefined) {
    await manager.consumers.add(stream, wanted);
    return;
  }
  const changeable = { ...wanted };
  delete changeable.deliver_policy;
  const found = new Map<string, unknown>(Object.entries(present));
  const differs = Object.entries(changeable).some(
    ([key, value]) => JSON.stringify(found.get(key)) !== JSON.stringify(value),
  );
  if (differs) await manager.consumers.update(stream, wanted.durable_name, changeable);
}

async function configPresent(
  manager: JetStreamManager,
  stream: StreamName,
  durable: string,
): Promise<ConsumerConfig | undefined> {
  try {
    return (await manager.consumers.info(stream, durable)).config;
  } catch (error) {
    if (error instanceof NatsError && error.api_error?.err_code === CONSUMER_NOT_FOUND) {
      return undefined;
    }
    throw error;
  }
}
