import type { ClientBase, Pool } from 'pg';
import { inTransaction } from '../../../db/transaction.js';
import { Refusal } from '../../../domain/refusal.js';
import { endIncident } from './raise.js';
import { wakeNotices } from './wake-notices.js';

/** Until then nobody is told of it; `open`: for as long as it is open; null: told again. Throws Refusal `incident.not_found`. */
export function muteIncident(pool: Pool, id: bigint, until: Date | 'open' | null): Promise<void> {
  return inTransaction(pool, async (tx) => {
    const { store } = await lockIncident(tx, id);
    await tx.query(
      'update incidents set muted_until = $2::timestamptz, due_at = clock_timestamp() where id = $1',
      [id, until === 'open' ? 'infinity' : until],
    );
    await wakeNotices(tx, store, `incident ${id} was muted or not`);
  });
}

/** Gives false when it is over already. Throws Refusal `incident.not_found`. */
export function resolveIncident(pool: Pool, id: bigint): Promise<boolean> {
  return inTransaction(pool, async (tx) => {
    const { store } = await lockIncident(tx, id);
    return endIncident(tx, { store, id, by: 'operator' });
  });
}

async function lockIncident(tx: ClientBase, id: bigint): Promise<{ readonly store: string }> {
  const { rows } = await tx.query<{ store: string }>(
    'select store from incidents where id = $1 for update',
    [id],
  );
  const [row] = rows;
  if (row === undefined) throw new Refusal('incident.not_found', `there is no incident ${id}`);
  return row;
}
