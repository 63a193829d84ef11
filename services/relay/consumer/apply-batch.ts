import type { ClientBase } from 'pg';
import { type ApplyOutcome, type EngineContext, transact } from '../../../engine/context.js';
import { failpoint } from '../../../engine/failpoint.js';
import { pipeline } from '../../../db/pipeline.js';
import { dedupe } from './dedupe.js';
import type { BatchItem, MessageHandler } from './message-handler.js';
import type { ReadMessage } from './read-message.js';

export type MessageOutcome = ApplyOutcome | 'duplicate' | 'other_epoch';

/** A message, with its target where that has been found. */
export type ReadItem<Body, Target> = ReadMessage<Body> & { readonly target?: Target };

/** Applies and dedupes messages in one transaction: all of them, or none. Gives the outcome of each. */
export function applyBatch<Body, Target>(
  engine: EngineContext,
  handler: MessageHandler<Body, Target>,
  items: readonly ReadItem<Body, Target>[],
): Promise<MessageOutcome[]> {
  return transact(engine, async (tx) => {
    const [deduped, found] = await pipeline([
      dedupe(tx, handler.durable, items),
      pipeline(items.map((item) => withTarget(tx, handler, item))),
    ]);
    const fresh = found.filter((_, n) => deduped[n] === 'new');
    const outcomes = (fresh.length === 0 ? [] : await handler.apply(engine, tx, fresh)).values();
    await failpoint('in-message-transaction');
    return deduped.map((result) =>
      result === 'new' ? (outcomes.next().value ?? 'unknown') : result,
    );
  });
}

async function withTarget<Body, Target>(
  tx: ClientBase,
  { findTarget }: Pick<MessageHandler<Body, Target>, 'findTarget'>,
  { body, target }: ReadItem<Body, Target>,
): Promise<BatchItem<Body, Target>> {
  return { body, target: target ?? (await findTarget(tx, body)) };
}
