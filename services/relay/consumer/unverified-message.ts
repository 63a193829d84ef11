import type { JsMsg } from 'nats';
import { transact } from '../../../engine/context.js';
import { messageIdOf } from '../../shared/messages/raw-message.js';
import type { PublicKeys } from '../../shared/signatures/keys.js';
import { type Verdict, verdictOn } from '../../shared/signatures/signature.js';
import type { MessageResult } from '../metrics.js';
import { deadLetter, type DeliveryParts, type Origin, redeliver } from './failed-message.js';
import type { MessageHandler } from './message-handler.js';

type Doubt = Exclude<Verdict, 'verified'>;

interface Sorted {
  readonly believed: readonly JsMsg[];
  readonly others: readonly { readonly message: JsMsg; readonly verdict: Doubt }[];
}

/** Without keys every message is believed. */
export async function sortBySignature(
  messages: readonly JsMsg[],
  keys: PublicKeys | undefined,
): Promise<Sorted> {
  if (keys === undefined) return { believed: messages, others: [] };
  const verdicts = await Promise.all(messages.map((message) => verdictOn(message, keys)));
  return {
    believed: messages.filter((_, n) => verdicts[n] === 'verified'),
    others: messages.flatMap((message, n) => {
      const verdict = verdicts[n] ?? 'forged';
      return verdict === 'verified' ? [] : [{ message, verdict }];
    }),
  };
}

/** Answers a message whose signature is not that of a key we know. Nothing that it says is applied. */
export async function answerUnverified(
  parts: DeliveryParts,
  handler: Origin & Pick<MessageHandler, 'ask'>,
  message: JsMsg,
  verdict: Doubt,
): Promise<MessageResult> {
  const reason = REASONS[verdict];
  if (verdict === 'unknown_key') {
    redeliver(parts, message, new Error(reason));
    return 'unknown_key';
  }
  const { stream, durable, ask } = handler;
  const { subject } = message;
  parts.logger.error(
    { stream, subject, consumer: durable, messageId: messageIdOf(message), reason },
    'a message is not believed',
  );
  if (ask === undefined) {
    const result = await deadLetter(parts, handler, message, reason);
    return result === 'dead' ? 'unverified' : result;
  }
  try {
    await transact(parts.engine, (tx) => ask(tx, subject));
  } catch (error) {
    return redeliver(parts, message, error);
  }
  message.ack();
  return 'unverified';
}

const REASONS: Readonly<Record<Doubt, string>> = {
  unsigned: 'it is not signed',
  forged: 'its signature is wrong',
  unknown_key: 'it is signed with a key of an unknown version',
};
