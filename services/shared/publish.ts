import {
  headers,
  JSONCodec,
  type JetStreamClient,
  type JetStreamPublishOptions,
  type MsgHdrs,
} from 'nats';
import { EPOCH_HEADER } from '../../domain/names/subjects.js';
import { MESSAGE_ID_HEADER } from './messages/raw-message.js';
import { activeTraceparent } from './tracing/span.js';
import { TRACEPARENT_HEADER } from './tracing/traceparent.js';
import { signatureHeaders, type Signer } from './signatures/signature.js';

export interface Message {
  readonly subject: string;
  /** Encoded as JSON. */
  readonly body: unknown;
  /** The same in every process and every time the event is published: consumers dedupe by it for 31 days. */
  readonly messageId: string;
  /** Of the installation's data ({@link readEpoch} in db/installation.ts). */
  readonly epoch: bigint;
}

const json = JSONCodec();

/**
 * Publishes to the stream of the subject; resolves once the message is stored there, rejects with a NatsError. What is published on
 * PAYMENTS and CONFIRMATIONS is signed by the process that saw it.
 */
export async function publish(
  js: Pick<JetStreamClient, 'publish'>,
  message: Message,
  signer?: Signer,
  options: Partial<Pick<JetStreamPublishOptions, 'timeout' | 'expect'>> = {},
): Promise<void> {
  const body = json.encode(message.body);
  await js.publish(message.subject, body, {
    ...options,
    headers: headersOf(message, body, signer),
  });
}

function headersOf(message: Message, body: Uint8Array, signer: Signer | undefined): MsgHdrs {
  const { subject, messageId } = message;
  const epoch = message.epoch.toString();
  const found = headers();
  found.set(MESSAGE_ID_HEADER, messageId);
  found.set(EPOCH_HEADER, epoch);
  const traceparent = activeTraceparent();
  if (traceparent !== undefined) found.set(TRACEPARENT_HEADER, traceparent);
  if (signer !== undefined) {
    const signed = signatureHeaders(signer, { subject, messageId, epoch, body });
    for (const [name, value] of Object.entries(signed)) found.set(name, value);
  }
  return found;
}
