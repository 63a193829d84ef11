import { setTimeout as pause } from 'node:timers/promises';
import type { JsMsg } from 'nats';
import { failpoint } from '../../../engine/failpoint.js';
import { isDatabaseAway } from '../../../db/errors.js';
import { forEachConcurrently } from '../concurrency.js';
import type { MessageResult } from '../metrics.js';
import { applyBatch, type ReadItem } from './apply-batch.js';
import { answerFailed, answerUnreadable, type DeliveryParts } from './failed-message.js';
import type { MessageHandler } from './message-handler.js';
import { inSpansOf } from './message-spans.js';
import { describeUnreadable, readMessage } from './read-message.js';
import { answerUnverified, sortBySignature } from './unverified-message.js';

/** Transactions at the same time for messages that are applied alone. */
const ALONE_AT_ONCE = 4;
const AWAY_PAUSE_MS = 500;

type Delivered<Body, Target> = ReadItem<Body, Target> & { readonly message: JsMsg };

/** Applies messages of one stream, and answers JetStream after each commit. */
export class MessageDelivery<Body, Target> {
  constructor(
    private readonly handler: MessageHandler<Body, Target>,
    private readonly parts: DeliveryParts,
    /** Called once per message. */
    private readonly report: (result: MessageResult, message: JsMsg) => void,
  ) {}

  /** Those that can share a transaction first, then each of the others alone. Never rejects. */
  async deliver(messages: readonly JsMsg[]): Promise<void> {
    const { believed, others } = await sortBySignature(messages, this.parts.publicKeys);
    const readable: Delivered<Body, Target>[] = [];
    const unreadable: { message: JsMsg; reason: string }[] = [];
    for (const message of believed) {
      try {
        readable.push({ ...readMessage(message, this.handler), message });
      } catch (error) {
        unreadable.push({ message, reason: describeUnreadable(error) });
      }
    }
    await this.#deliverItems(readable);
    await forEachConcurrently(unreadable, ALONE_AT_ONCE, async ({ message, reason }) =>
      this.report(await answerUnreadable(this.parts, this.handler, message, reason), message),
    );
    await forEachConcurrently(others, ALONE_AT_ONCE, async ({ message, verdict }) =>
      this.report(await answerUnverified(this.parts, this.handler, message, verdict), message),
    );
  }

  async #deliverItems(items: readonly Delivered<Body, Target>[]): Promise<void> {
    let batch: readonly Delivered<Body, Target>[];
    try {
      batch = await this.#findBatch(items);
    } catch (error) {
      await this.#failed(items, error);
      return;
    }
    const inBatch = new Set(batch.map(({ message }) => message));
    if (batch.length > 0) await this.#deliverBatch(batch);
    await this.#deliverEach(items.filter(({ message }) => !inBatch.has(message)));
  }

  /** Those of several that can share a transaction, with their targets. None where it would be one alone. */
  async #findBatch(
    items: readonly Delivered<Body, Target>[],
  ): Promise<readonly Delivered<Body, Target>[]> {
    const { findBatchable } = this.handler;
    if (findBatchable === undefined || items.length < 2) return [];
    const bodies = items.map(({ body }) => body);
    const targets = await findBatchable(this.parts.engine.pool, bodies);
    const batch = items.flatMap((item, n) => {
      const target = targets[n];
      return target === undefined ? [] : [{ ...item, target }];
    });
    return batch.length < 2 ? [] : batch;
  }

  /** Each in a transaction of its own. */
  #deliverEach(items: readonly Delivered<Body, Target>[]): Promise<void> {
    return forEachConcurrently(items, ALONE_AT_ONCE, (item) => this.#deliverBatch([item]));
  }

  async #deliverBatch(items: readonly Delivered<Body, Target>[]): Promise<void> {
    const { engine } = this.parts;
    let outcomes: readonly MessageResult[];
    try {
      const taken = items.map(({ message }) => message);
      outcomes = await inSpansOf(engine.pool, this.handler.stream, taken, () =>
        applyBatch(engine, this.handler, items),
      );
      await failpoint('before-message-ack');
      for (const { message } of items) message.ack();
    } catch (error) {
      await this.#failed(items, error);
      return;
    }
    for (const [n, { message }] of items.entries()) {
      const outcome = outcomes[n];
      if (outcome !== undefined) this.report(outcome, message);
    }
  }

  /**
   * One bad message must not hold up the others: several are applied alone, unless the database is away for all. Then this worker
   * takes no more for a moment, or the whole stream would be read and redelivered meanwhile.
   */
  async #failed(items: readonly Delivered<Body, Target>[], err: unknown): Promise<void> {
    const { handler, parts } = this;
    const isAway = isDatabaseAway(err);
    if (items.length > 1 && !isAway) {
      const { durable } = handler;
      parts.logger.warn({ err, durable, of: items.length }, 'messages are applied one by one');
      await this.#deliverEach(items.map(withoutTarget));
      return;
    }
    if (items.length === 1) await handler.failed?.(parts.engine, err).catch(() => undefined);
    await forEachConcurrently(items, ALONE_AT_ONCE, async ({ message }) =>
      this.report(await answerFailed(parts, handler, message, err), message),
    );
    if (isAway) await pause(AWAY_PAUSE_MS);
  }
}

/** A target found without locks is looked up again when its batch has failed. */
function withoutTarget<Body, Target>(item: Delivered<Body, Target>): Delivered<Body, Target> {
  const { message, messageId, epoch, body } = item;
  return { message, messageId, epoch, body };
}
