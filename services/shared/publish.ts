import { headers, JSONCodec, type JetStreamClient, type MsgHdrs } from 'nats';
import { EPOCH_HEADER } from '../../domain/names/subjects.js';

export interface Message {
  readonly subject: string;
  /** For JSON. */
  readonly body: unknown;
  /** The same for the same event, whoever publishes it, however often: consumers dedupe by it for 31 days. */
  readonly messageId: string;
  /** Of the installation whose event it is ({@link readEpoch} in db/installation.ts). */
  readonly epoch: bigint;
}

export const MESSAGE_ID_HEADER = 'Nats-Msg-Id';

const json = JSONCodec();

/** Publishes to the stream that keeps the subject; resolves once it is stored there, rejects with a NatsError. */
export async function publish(js: JetStreamClient, message: Message): Promise<void> {
  await js.publish(message.subject, json.encode(message.body), { headers: headersOf(message) });
}

function headersOf({ messageId, epoch }: Message): MsgHdrs {
  const found = headers();
  found.set(MESSAGE_ID_HEADER, messageId);
  found.set(EPOCH_HEADER, epoch.toString());
  return found;
}
