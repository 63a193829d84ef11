import { type ApplyOutcome, type EngineContext, transact } from '../../../engine/context.js';
import { failpoint } from '../../../engine/failpoint.js';
import { pipeline } from '../../../db/pipeline.js';
import type { BatchItem, BatchHandler, MessageHandler } from './message-handler.js';
import { type ReadMessage, dedupe } from './dedupe.js';

export type AppliedOnce = ApplyOutcome | 'duplicate' | 'other_epoch';

/** Applies a fact and remembers its message in the same transaction. */
export function applyOnce<F, Found>(
  engine: EngineContext,
  { durable, find, apply }: Pick<MessageHandler<F, Found>, 'durable' | 'find' | 'apply'>,
  message: ReadMessage<F>,
): Promise<AppliedOnce> {
  return transact(engine, async (tx) => {
    const [[memory], found] = await pipeline([
      dedupe(tx, durable, [message]),
      find?.(tx, message.fact),
    ]);
    const outcome = memory === 'new' ? await apply(tx, message.fact, found) : memory;
    await failpoint('in-fact-transaction');
    return outcome ?? 'other_epoch';
  });
}

/** The same for several, in one transaction: all of them, or none. */
export function applyBatch<F, About>(
  engine: EngineContext,
  durable: string,
  company: BatchHandler<F, About>,
  companions: readonly (BatchItem<F, About> & ReadMessage<F>)[],
): Promise<AppliedOnce[]> {
  return transact(engine, async (tx) => {
    const memories = await dedupe(tx, durable, companions);
    const news = companions.filter((_, n) => memories[n] === 'new');
    const outcomes = (news.length === 0 ? [] : await company.apply(tx, news)).values();
    await failpoint('in-fact-transaction');
    return memories.map((memory) =>
      memory === 'new' ? (outcomes.next().value ?? 'unknown') : memory,
    );
  });
}
