import type { JetStreamClient, JsMsg } from 'nats';
import type { Engine } from '../../../activities/engine.js';
import { failpoint } from '../../../activities/failpoint.js';
import { readEpoch } from '../../../db/installation.js';
import { deadLetterSubject } from '../../../domain/names/subjects.js';
import { deadLetterHeaders } from '../../shared/dead-letters/headers.js';
import type { Logger } from '../../shared/logger.js';
import { backoffMs } from '../backoff.js';
import type { FactResult } from '../metrics.js';
import { applyOnce } from './apply-once.js';
import type { FactAlone, FactHandler } from './fact-handler.js';
import { epochOf, messageIdOf, readMessage } from './read-message.js';
import { describeUnreadable, reasonForRefusal } from './refused.js';
import type { FactMessage } from './remember.js';

const FIRST_RETRY_MS = 250;
/** Short: what failed is most often PostgreSQL, and all messages are waiting for it. */
const LONGEST_RETRY_MS = 10_000;

export interface DeliveryParts {
  readonly engine: Engine;
  readonly js: JetStreamClient;
  readonly logger: Logger;
}

/** Does with one message what has to be done, answers JetStream after the commit, and never rejects. */
export async function deliverMessage<F, Found>(
  parts: DeliveryParts,
  handler: FactAlone<F, Found>,
  message: JsMsg,
): Promise<FactResult> {
  try {
    const read = tryRead(message, handler);
    if ('fact' in read) return await applyMessage(parts, handler, message, read);
    if (await isOfOtherEpoch(parts.engine, message)) {
      message.ack();
      return 'other_epoch';
    }
    return await bury(parts, handler, message, read.unreadable);
  } catch (error) {
    return putBack(parts, message, error);
  }
}

export function tryRead<F>(
  message: JsMsg,
  handler: Pick<FactHandler<F>, 'parse'>,
): FactMessage<F> | { readonly unreadable: string } {
  try {
    return readMessage(message, handler);
  } catch (error) {
    return { unreadable: describeUnreadable(error) };
  }
}

async function applyMessage<F, Found>(
  parts: DeliveryParts,
  handler: FactAlone<F, Found>,
  message: JsMsg,
  read: FactMessage<F>,
): Promise<FactResult> {
  try {
    const result = await applyOnce(parts.engine, handler, read);
    await failpoint('before-fact-ack');
    message.ack();
    return result;
  } catch (error) {
    const reason = reasonForRefusal(error, message.info.deliveryCount);
    if (reason === undefined) throw error;
    return bury(parts, handler, message, reason);
  }
}

async function isOfOtherEpoch({ pool }: Engine, message: JsMsg): Promise<boolean> {
  const epoch = epochOf(message);
  return epoch !== undefined && epoch !== (await readEpoch(pool));
}

async function bury(
  { js, logger }: DeliveryParts,
  { stream, durable }: Pick<FactHandler, 'stream' | 'durable'>,
  message: JsMsg,
  reason: string,
): Promise<FactResult> {
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

export function putBack({ logger }: DeliveryParts, message: JsMsg, err: unknown): FactResult {
  const { deliveryCount } = message.info;
  const delayMs = Math.round(backoffMs(deliveryCount - 1, FIRST_RETRY_MS, LONGEST_RETRY_MS));
  message.nak(delayMs);
  logger.warn(
    { err, subject: message.subject, messageId: messageIdOf(message), deliveryCount, delayMs },
    'a message could not be applied; it is delivered again',
  );
  return 'again';
}
