import type { ClientBase } from 'pg';
import type { Engine } from '../../../activities/engine.js';
import { transact } from '../../../activities/engine.js';
import { together } from '../../../db/together.js';
import { failpoint } from '../../../activities/failpoint.js';
import type { FactHandler, FactOutcome } from './fact-handler.js';

export interface FactMessage<F> {
  readonly messageId: string;
  readonly epoch: bigint;
  readonly fact: F;
}

export type AppliedOnce = FactOutcome | 'duplicate' | 'other_epoch';

/**
 * Applies a fact and remembers its message in the same transaction. The epoch is read in it too, so that data reset under a
 * running relay is noticed.
 */
export function applyOnce<F, Found>(
  engine: Engine,
  { durable, find, apply }: Pick<FactHandler<F, Found>, 'durable' | 'find' | 'apply'>,
  message: FactMessage<F>,
): Promise<AppliedOnce> {
  return transact(engine, async (tx) => {
    const [{ current, isNew }, found] = await together([
      remember(tx, durable, message),
      find?.(tx, message.fact),
    ]);
    if (!current) return 'other_epoch';
    const outcome = isNew ? await apply(tx, message.fact, found) : 'duplicate';
    await failpoint('in-fact-transaction');
    return outcome;
  });
}

async function remember(
  tx: ClientBase,
  durable: string,
  { messageId, epoch }: FactMessage<unknown>,
): Promise<{ current: boolean; isNew: boolean }> {
  const { rows } = await tx.query<{ current: boolean; isNew: boolean }>(
    `with here as (select epoch = $3 as current from installation),
     remembered as (
       insert into applied_messages (consumer, message_id)
       select $1, $2 from here where current
       on conflict do nothing returning 1)
     select current, exists (select from remembered) as "isNew" from here`,
    [durable, messageId, epoch],
  );
  return rows[0] ?? { current: false, isNew: false };
}
