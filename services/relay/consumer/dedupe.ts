import type { ClientBase } from 'pg';
import type { MessageHeaders } from './read-message.js';

/** `new`: applied now. `duplicate`: applied before. `other_epoch`: about data that was reset since. */
export type DedupeResult = 'new' | 'duplicate' | 'other_epoch';

/**
 * Records message ids, and returns which were new. Undone when the transaction rolls back. The epoch is read in the same statement,
 * so that data reset under a running relay is noticed. Ids are inserted in their order, so that relays that share the consumer do
 * not deadlock.
 */
export async function dedupe(
  tx: ClientBase,
  durable: string,
  messages: readonly MessageHeaders[],
): Promise<DedupeResult[]> {
  const { rows } = await tx.query<{ epoch: bigint; recorded: readonly string[] | null }>(
    `with here as (select epoch from installation),
     recorded as (
       insert into applied_messages (consumer, message_id)
       select $1, m.message_id from unnest($2::text[], $3::bigint[]) as m(message_id, epoch)
       join here using (epoch) order by m.message_id
       on conflict do nothing returning message_id)
     select epoch, (select array_agg(message_id) from recorded) as recorded from here`,
    [durable, messages.map(({ messageId }) => messageId), messages.map(({ epoch }) => epoch)],
  );
  const [here] = rows;
  const recorded = new Set(here?.recorded);
  return messages.map(({ messageId, epoch }) => {
    if (epoch !== here?.epoch) return 'other_epoch';
    // Of two with one id, the first is new.
    return recorded.delete(messageId) ? 'new' : 'duplicate';
  });
}
