import type { JsMsg } from 'nats';
import { failpoint } from '../../../engine/failpoint.js';
import { isDatabaseUnavailable } from '../../../db/errors.js';
import { forEachConcurrently } from '../concurrently.js';
import type { MessageResult } from '../metrics.js';
import { type AppliedOnce, applyBatch } from './apply-once.js';
import { deliverMessage, type DeliveryParts, redeliver, tryRead } from './deliver-message.js';
import type { BatchItem, BatchHandler, MessageHandler } from './message-handler.js';
import type { ReadMessage } from './dedupe.js';

/** Of those that go alone. */
const AT_ONCE = 4;

/**
 * Does with messages that wait what has to be done, together where they can be, else each alone. Tells the result of each, answers
 * JetStream after the commits, and never rejects.
 */
export async function deliverMessages<F, Found, About>(
  parts: DeliveryParts,
  handler: MessageHandler<F, Found, About>,
  messages: readonly JsMsg[],
  tell: (result: MessageResult) => void,
): Promise<void> {
  const done = await deliverCompany(parts, handler, messages, tell);
  const alone = messages.filter((message) => !done.has(message));
  await forEachConcurrently(alone, AT_ONCE, async (message) =>
    tell(await deliverMessage(parts, handler, message)),
  );
}

/** Gives those that have been answered. */
async function deliverCompany<F, Found, About>(
  parts: DeliveryParts,
  handler: MessageHandler<F, Found, About>,
  messages: readonly JsMsg[],
  tell: (result: MessageResult) => void,
): Promise<ReadonlySet<JsMsg>> {
  const { company, durable } = handler;
  if (company === undefined || messages.length < 2) return new Set();
  let applied: ReadonlyMap<JsMsg, AppliedOnce>;
  try {
    applied = await applyCompany(parts, handler, company, messages);
  } catch (err) {
    if (!isDatabaseUnavailable(err)) {
      parts.logger.warn({ err, durable, of: messages.length }, 'messages are applied one by one');
      return new Set();
    }
    for (const message of messages) tell(redeliver(parts, message, err));
    return new Set(messages);
  }
  await failpoint('before-fact-ack');
  for (const [message, outcome] of applied) {
    message.ack();
    tell(outcome);
  }
  return new Set(applied.keys());
}

async function applyCompany<F, About>(
  parts: DeliveryParts,
  { durable, parse }: Pick<MessageHandler<F>, 'durable' | 'parse'>,
  company: BatchHandler<F, About>,
  messages: readonly JsMsg[],
): Promise<ReadonlyMap<JsMsg, AppliedOnce>> {
  const companions = await findCompany(parts, { parse }, company, messages);
  if (companions.length < 2) return new Map();
  const outcomes = await applyBatch(parts.engine, durable, company, companions);
  return new Map(companions.map(({ message }, n) => [message, outcomes[n] ?? 'unknown']));
}

type Told<F, About> = BatchItem<F, About> & ReadMessage<F> & { readonly message: JsMsg };

async function findCompany<F, About>(
  { engine }: DeliveryParts,
  handler: Pick<MessageHandler<F>, 'parse'>,
  company: BatchHandler<F, About>,
  messages: readonly JsMsg[],
): Promise<Told<F, About>[]> {
  const readable = messages.flatMap((message) => {
    const read = tryRead(message, handler);
    return 'fact' in read ? [{ ...read, message }] : [];
  });
  const found = await company.find(
    engine.pool,
    readable.map(({ fact }) => fact),
  );
  return readable.flatMap((one, n) => {
    const about = found[n];
    return about === undefined ? [] : [{ ...one, about }];
  });
}
