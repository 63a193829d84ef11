import type { Engine } from '../../../activities/engine.js';
import { transact } from '../../../activities/engine.js';
import { failpoint } from '../../../activities/failpoint.js';
import { together } from '../../../db/together.js';
import type { Companion, Company, FactHandler, FactOutcome } from './fact-handler.js';
import { type FactMessage, remember } from './remember.js';

export type AppliedOnce = FactOutcome | 'duplicate' | 'other_epoch';

/** Applies a fact and remembers its message in the same transaction. */
export function applyOnce<F, Found>(
  engine: Engine,
  { durable, find, apply }: Pick<FactHandler<F, Found>, 'durable' | 'find' | 'apply'>,
  message: FactMessage<F>,
): Promise<AppliedOnce> {
  return transact(engine, async (tx) => {
    const [[memory], found] = await together([
      remember(tx, durable, [message]),
      find?.(tx, message.fact),
    ]);
    const outcome = memory === 'new' ? await apply(tx, message.fact, found) : memory;
    await failpoint('in-fact-transaction');
    return outcome ?? 'other_epoch';
  });
}

/** The same for several, in one transaction: all of them, or none. */
export function applyTogether<F, About>(
  engine: Engine,
  durable: string,
  company: Company<F, About>,
  companions: readonly (Companion<F, About> & FactMessage<F>)[],
): Promise<AppliedOnce[]> {
  return transact(engine, async (tx) => {
    const memories = await remember(tx, durable, companions);
    const news = companions.filter((_, n) => memories[n] === 'new');
    const outcomes = (news.length === 0 ? [] : await company.apply(tx, news)).values();
    await failpoint('in-fact-transaction');
    return memories.map((memory) =>
      memory === 'new' ? (outcomes.next().value ?? 'unknown') : memory,
    );
  });
}
