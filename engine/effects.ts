import type { ClientBase } from 'pg';

/**
 * What follows from being paid, once for each action: written with it, and done by a relay in a transaction of its own. Nothing that an
 * effect does can hold up a payment or make it fail.
 */
export async function enqueueAfterPaid(
  tx: Pick<ClientBase, 'query'>,
  actionIds: readonly string[],
): Promise<void> {
  if (actionIds.length === 0) return;
  await tx.query(
    `insert into effects (action_id, attempt, kind)
     select id, coalesce((select max(attempt) from attempts where action_id = id), 1), 'after_paid'
     from unnest($1::uuid[]) as paid (id)
     on conflict (action_id) where kind = 'after_paid' do nothing`,
    [actionIds],
  );
}

/** What follows from the failure of an attempt, once. */
export async function enqueueAfterFailed(
  tx: Pick<ClientBase, 'query'>,
  { actionId, attempt }: { readonly actionId: string; readonly attempt: number },
): Promise<void> {
  await tx.query(
    `insert into effects (action_id, attempt, kind) values ($1, $2, 'after_failed')
     on conflict (action_id, attempt) where kind = 'after_failed' do nothing`,
    [actionId, attempt],
  );
}
