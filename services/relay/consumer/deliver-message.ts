import type { JetStreamClient, JsMsg } from 'nats';
import type { EngineContext } from '../../../engine/context.js';
import { failpoint } from '../../../engine/failpoint.js';
import { readEpoch } from '../../../db/installation.js';
import { deadLetterSubject } from '../../../domain/names/subjects.js';
import { deadLetterHeaders } from '../../shared/dead-letters/headers.js';
import type { Logger } from '../../shared/logger.js';
import { backoffMs } from '../backoff.js';
import type { MessageResult } from '../metrics.js';
import { applyOnce } from './apply-once.js';
import type { HandlerOfOne, MessageHandler } from './message-handler.js';
import { epochOf, messageIdOf, readMessage } from './read-message.js';
import { describeUnreadable, reasonForRefusal } from './refused.js';
import type { ReadMessage } from './dedupe.js';

const FIRST_RETRY_MS = 250;
/** Short: what failed is most often PostgreSQL, and all messages are waiting for it. */
const LONGEST_RETRY_MS = 10_000;

export interface DeliveryParts {
  readonly engine: EngineContext;
  readonly js: JetStreamClient;
  readonly logger: Logger;
}

/** Does with one message what has to be done, answers JetStream after the commit, and never rejects. */
export async function deliverMessage<F, Found>(
  parts: DeliveryParts,
  handler: HandlerOfOne<F, Found>,
  message: JsMsg,
): Promise<MessageResult> {
  try {
    const read = tryRead(message, handler);
    if ('fact' in read) return await applyMessage(parts, handler, message, read);
    if (await isOfOtherEpoch(parts.engine, message)) {
      message.ack();
      return 'other_epoch';
    }
    return await deadLetter(parts, handler, message, read.unreadable);
  } catch (error) {
    return redeliver(parts, message, error);
  }
}

export function tryRead<F>(
  message: JsMsg,
  handler: Pick<MessageHandler<F>, 'parse'>,
): ReadMessage<F> | { readonly unreadable: string } {
  try {
    return readMessage(message, handler);
  } catch (error) {
    return { unreadable: describeUnreadable(error) };
  }
}

async function applyMessage<F, Found>(
  parts: DeliveryParts,
  handler: HandlerOfOne<F, Found>,
  message: JsMsg,
  read: ReadMessage<F>,
): Promise<MessageResult> {
  try {
    const result = await applyOnce(parts.engine, handler, read);
    await failpoint('before-fact-ack');
    message.ack();
    return result;
  } catch (error) {
    const reason = reasonForRefusal(error, message.info.deliveryCount);
    if (reason === undefined) throw error;
    return deadLetter(parts, handler, message, reason);
  }
}

async function isOfOtherEpoch({ pool }: EngineContext, message: JsMsg): Promise<boolean> {
  const epoch = epochOf(message);
  return epoch !== undefined && epoch !== (await readEpoch(pool));
}

async function deadLetter(
  { js, logger }: DeliveryParts,
  { stream, durable }: Pick<MessageHandler, 'stream' | 'durable'>,
  message: JsMsg,
  reason: string,
): Promise<MessageResult> {
  const death = { consumer: durable, messageId: messageIdOf(message), reason };
  await js.publish(deadLetterSubject(stream), message.data, {
    headers: deadLetterHeaders(message, death),
    // The same when it is buried twice because the answer below was lost.
    msgID: `deadletter/${durable}/${message.info.timestampNanos}-${message.seq}`,
  });
  message.term();
  logger.error(
    { stream, subject: message.subject, ...death },
    'a message went to the dead letters',
  );
  return 'dead';
}

export function redeliver({ logger }: DeliveryParts, message: JsMsg, err: unknown): MessageResult {
  const { deliveryCount } = message.info;
  const delayMs = Math.round(backoffMs(deliveryCount - 1, FIRST_RETRY_MS, LONGEST_RETRY_MS));
  message.nak(delayMs);
  logger.warn(
    { err, subject: message.subject, messageId: messageIdOf(message), deliveryCount, delayMs },
    'a message could not be applied; it is delivered again',
  );
  return 'again';
}
