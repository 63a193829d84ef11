import type { ClientBase } from 'pg';

/** What an event of the outbox is about. */
export interface EventSubject {
  readonly id: bigint;
  readonly actionId: string | null;
  /** Account ids. */
  readonly accounts: readonly string[];
}

/** Rows may become visible after others with higher ids: so many are read again. */
const AGAIN = 200n;

/** Whom and what the events of actions and notices are about that were written after that row of the outbox, and some before it. */
export async function readEventsAfter(
  db: Pick<ClientBase, 'query'>,
  after: bigint,
  limit: number,
): Promise<readonly EventSubject[]> {
  const { rows } = await db.query<EventSubject>(
    `select id, payload ->> 'actionId' as "actionId",
       array_remove(array[payload ->> 'actor', payload ->> 'payee', payload ->> 'owner'], null)
         || coalesce((select array_agg(a) from jsonb_array_elements_text(payload -> 'accounts') a), '{}') as accounts
     from outbox
     where destination = 'nats' and kind = 'event' and subject like 'actions.%'
       and id > $1
     order by id limit $2`,
    [after - AGAIN, limit],
  );
  return rows;
}
