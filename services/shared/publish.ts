import { headers, JSONCodec, type JetStreamClient, type MsgHdrs } from 'nats';
import { EPOCH_HEADER } from '../../domain/names/subjects.js';

export interface Message {
  readonly subject: string;
  /** Encoded as JSON. */
  readonly body: unknown;
  /** The same in every process and every time the event is published: consumers dedupe by it for 31 days. */
  readonly messageId: string;
  /** Of the installation's data ({@link readEpoch} in db/installation.ts). */
  readonly epoch: bigint;
}

export const MESSAGE_ID_HEADER = 'Nats-Msg-Id';

const json = JSONCodec();

/** Publishes to the stream of the subject; resolves once the message is stored there, rejects with a NatsError. */
export async function publish(js: JetStreamClient, message: Message): Promise<void> {
  await js.publish(message.subject, json.encode(message.body), { headers: headersOf(message) });
}

function headersOf({ messageId, epoch }: Message): MsgHdrs {
  const found = headers();
  found.set(MESSAGE_ID_HEADER, messageId);
  found.set(EPOCH_HEADER, epoch.toString());
  return found;
}
