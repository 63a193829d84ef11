import type { JetStreamClient, JsMsg } from 'nats';
import type { EngineContext } from '../../../engine/context.js';
import { isRefusedInput, isRefusedValue } from '../../../db/errors.js';
import { readEpoch } from '../../../db/installation.js';
import { deadLetterSubject } from '../../../domain/names/subjects.js';
import { Refusal, type RefusalCode } from '../../../domain/refusal.js';
import { deadLetterHeaders } from '../../shared/dead-letters/headers.js';
import type { Logger } from '../../shared/logger.js';
import { messageIdOf } from '../../shared/messages/raw-message.js';
import type { PublicKeys } from '../../shared/signatures/keys.js';
import type { MessageResult } from '../metrics.js';
import { backoffMs } from '../timing.js';
import type { MessageHandler } from './message-handler.js';
import { epochOf } from './read-message.js';

const FIRST_RETRY_MS = 250;
/** Short: the usual cause is PostgreSQL, and then all messages wait for it. */
const LONGEST_RETRY_MS = 10_000;

/** A lost race can violate a constraint too, but not this many times. */
const DELIVERIES_FOR_SURE = 5;

/** A process of a later release knows what this one does not: it is redelivered until one does. */
const UNKNOWN_HERE: ReadonlySet<RefusalCode> = new Set(['action.unknown_type']);

export interface DeliveryParts {
  readonly engine: EngineContext;
  readonly js: JetStreamClient;
  readonly logger: Logger;
  /** Of those who may sign the messages of this stream. Left out: signatures are not looked at. */
  readonly publicKeys?: PublicKeys;
}

export type Origin = Pick<MessageHandler, 'stream' | 'durable'>;

/** Answers a message that could not be applied: to the dead letters when it never can be, else it is redelivered. */
export async function answerFailed(
  parts: DeliveryParts,
  origin: Origin,
  message: JsMsg,
  error: unknown,
): Promise<MessageResult> {
  const reason = reasonForRefusal(error, message.info.deliveryCount);
  if (reason === undefined) return redeliver(parts, message, error);
  return deadLetter(parts, origin, message, reason);
}

/** Answers a message that could not be read: to the dead letters, unless it is of data that was reset since. */
export async function answerUnreadable(
  parts: DeliveryParts,
  origin: Origin,
  message: JsMsg,
  reason: string,
): Promise<MessageResult> {
  try {
    const epoch = epochOf(message);
    if (epoch !== undefined && epoch !== (await readEpoch(parts.engine.pool))) {
      message.ack();
      return 'other_epoch';
    }
  } catch (error) {
    return redeliver(parts, message, error);
  }
  return deadLetter(parts, origin, message, reason);
}

/** Why a message can never be applied; undefined when it may be later: a server is down, or a newer process knows its type. */
export function reasonForRefusal(error: unknown, deliveries: number): string | undefined {
  if (error instanceof Refusal) return UNKNOWN_HERE.has(error.code) ? undefined : error.message;
  if (!isRefusedInput(error)) return undefined;
  const forSure = isRefusedValue(error) || deliveries >= DELIVERIES_FOR_SURE;
  return forSure ? `PostgreSQL ${error.code}: ${error.message}` : undefined;
}

/** Moves a message to the dead letters, where operators see it. */
export async function deadLetter(
  parts: DeliveryParts,
  { stream, durable }: Origin,
  message: JsMsg,
  reason: string,
): Promise<MessageResult> {
  const refused = { consumer: durable, messageId: messageIdOf(message), reason };
  try {
    await parts.js.publish(deadLetterSubject(stream), message.data, {
      headers: deadLetterHeaders(message, refused),
      // JetStream drops the second of two, published because the answer below was lost.
      msgID: `deadletter/${durable}/${message.info.timestampNanos}-${message.seq}`,
    });
  } catch (error) {
    return redeliver(parts, message, error);
  }
  message.term();
  parts.logger.error(
    { stream, subject: message.subject, ...refused },
    'a message was moved to the dead letters',
  );
  return 'dead';
}

/** How long a message waits for its next delivery: the longer, the more often it was delivered. */
export function redeliveryMs({ info }: Pick<JsMsg, 'info'>): number {
  return Math.round(backoffMs(info.deliveryCount - 1, FIRST_RETRY_MS, LONGEST_RETRY_MS));
}

export function redeliver({ logger }: DeliveryParts, message: JsMsg, err: unknown): MessageResult {
  const { deliveryCount } = message.info;
  const delayMs = redeliveryMs(message);
  message.nak(delayMs);
  logger.warn(
    { err, subject: message.subject, messageId: messageIdOf(message), deliveryCount, delayMs },
    'a message could not be applied; it is redelivered',
  );
  return 'again';
}
