import type { JsMsg, NatsConnection } from 'nats';
import type { StreamName } from '../../../../domain/names/subjects.js';

export interface Stored<B> {
  readonly subject: string;
  readonly body: B;
  readonly header: (name: string) => string;
}

/** All messages of a stream, oldest first. */
export async function messagesOf<B = unknown>(
  nc: NatsConnection,
  stream: StreamName,
): Promise<Stored<B>[]> {
  const manager = await nc.jetstreamManager();
  const { state } = await manager.streams.info(stream);
  if (state.messages === 0) return [];
  const consumer = await nc.jetstream().consumers.get(stream);
  const messages = await consumer.consume();
  const found: Stored<B>[] = [];
  for await (const message of messages) {
    found.push(read<B>(message));
    if (message.info.pending === 0) messages.stop();
  }
  return found;
}

function read<B>(message: JsMsg): Stored<B> {
  return {
    subject: message.subject,
    body: message.json<B>(),
    header: (name) => message.headers?.get(name) ?? '',
  };
}
