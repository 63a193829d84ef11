import type { ClientBase } from 'pg';

export interface ReadMessage<F> {
  readonly messageId: string;
  readonly epoch: bigint;
  readonly fact: F;
}

/** Whether a message is applied now, has been, or tells of data that was since reset. */
export type Memory = 'new' | 'duplicate' | 'other_epoch';

/**
 * Remembers messages, as long as the transaction commits. The epoch is read in it too, so that data reset under a running relay is
 * noticed. In the order of their ids, as all who share the consumer do.
 */
export async function dedupe(
  tx: ClientBase,
  durable: string,
  messages: readonly ReadMessage<unknown>[],
): Promise<Memory[]> {
  const { rows } = await tx.query<{ epoch: bigint; remembered: readonly string[] | null }>(
    `with here as (select epoch from installation),
     remembered as (
       insert into applied_messages (consumer, message_id)
       select $1, m.message_id from unnest($2::text[], $3::bigint[]) as m(message_id, epoch)
       join here using (epoch) order by m.message_id
       on conflict do nothing returning message_id)
     select epoch, (select array_agg(message_id) from remembered) as remembered from here`,
    [durable, messages.map(({ messageId }) => messageId), messages.map(({ epoch }) => epoch)],
  );
  const [here] = rows;
  const fresh = new Set(here?.remembered);
  return messages.map(({ messageId, epoch }) => {
    if (epoch !== here?.epoch) return 'other_epoch';
    // The first of two with one id.
    return fresh.delete(messageId) ? 'new' : 'duplicate';
  });
}
