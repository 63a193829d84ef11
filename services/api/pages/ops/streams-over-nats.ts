import type { NatsConnection } from 'nats';
import { readDeadLetter, readDeadLetters } from '../../../shared/dead-letters/read.js';
import { replayDeadLetter } from '../../../shared/dead-letters/replay.js';
import { closeNats, connectNats } from '../../../shared/nats.js';
import type { Service } from '../../../shared/process.js';
import type { ConsumerView, LetterView, StreamsView } from './streams-view.js';

/** Connects when an operator first asks. */
export function streamsOverNats({
  config,
  logger,
  onStop,
}: Pick<Service, 'config' | 'logger' | 'onStop'>): StreamsView {
  let connecting: Promise<NatsConnection> | undefined;
  const connected = async (): Promise<NatsConnection> => {
    connecting ??= connectNats(config, logger, 'api', { waitForServer: false });
    try {
      return await connecting;
    } catch (error) {
      connecting = undefined;
      throw error;
    }
  };
  onStop('NATS of operators', async () => {
    const nc = await connecting?.catch(() => undefined);
    if (nc !== undefined) await closeNats(nc);
  });
  return {
    deadLetters: async (limit) => readLetters(await connected(), limit),
    replay: async (seqs) => replayAll(await connected(), seqs),
    consumers: async () => readConsumers(await connected()),
  };
}

async function readLetters(
  nc: NatsConnection,
  limit: number,
): Promise<{ letters: LetterView[]; all: number }> {
  const manager = await nc.jetstreamManager();
  const { state } = await manager.streams.info('DEADLETTERS');
  const letters: LetterView[] = [];
  for await (const letter of readDeadLetters(nc.jetstream(), manager)) {
    const { seq, subject, reason, consumer, diedAt } = letter;
    letters.push({ seq, subject, reason, consumer, diedAt });
    if (letters.length >= limit) break;
  }
  return { letters, all: state.messages };
}

async function replayAll(nc: NatsConnection, seqs: readonly number[]): Promise<number> {
  const manager = await nc.jetstreamManager();
  let replayed = 0;
  for (const seq of seqs) {
    const letter = await readDeadLetter(manager, seq);
    if (letter === undefined) continue;
    await replayDeadLetter(nc.jetstream(), manager, letter);
    replayed += 1;
  }
  return replayed;
}

async function readConsumers(nc: NatsConnection): Promise<ConsumerView[]> {
  const manager = await nc.jetstreamManager();
  const found: ConsumerView[] = [];
  for await (const { config } of manager.streams.list()) {
    for await (const info of manager.consumers.list(config.name)) {
      // Those that are not durable belong to somebody who reads just now.
      if ((info.config.durable_name ?? '') === '') continue;
      const { num_pending: waiting, num_ack_pending: unacknowledged } = info;
      found.push({ stream: config.name, consumer: info.name, waiting, unacknowledged });
    }
  }
  return found;
}
