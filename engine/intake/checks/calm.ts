import { endIncident } from '../incidents/raise.js';
import { type Check, inCheck } from './check.js';

/** Losses that were healed as they were found: the incident is over once nothing more was lost for a while. */
const BURSTS = `
  select id from incidents
  where store = $1 and healed_at is null and verified_at is not null
    and (kind, cause) in (('orders_lost', 'orders'), ('orders_lost', 'updates'), ('created_missing', 'created'))
    and news_at < clock_timestamp() - $2 * interval '1 second'
  for update`;

/** All that was lost was taken in already: what is waited for is that the losses have stopped. */
export async function endCalmBursts(check: Check): Promise<void> {
  const { store } = check;
  await inCheck(check, async (tx) => {
    const { rows } = await tx.query<{ id: bigint }>(BURSTS, [
      ...[store.id, store.settings.calmSeconds / store.clockRate],
    ]);
    for (const { id } of rows) await endIncident(tx, { store: store.id, id, by: 'itself' });
  });
}
