import type { ClientBase } from 'pg';
import type { OrderSnapshot } from '../../../domain/intake/order-snapshot.js';
import { readParticipants } from '../../../domain/intake/slips/participants.js';
import type { SlipRules } from '../../../domain/intake/slips/rules.js';

/** By line item and position: who is there already is changed, and who is named no longer is removed. */
const SAVE = `
  with given as (
    select * from unnest($3::bigint[], $4::int[], $5::text[], $6::text[], $7::text[], $8::jsonb[])
      g (line_item, position, name, email, product, fields)),
  saved as (
    insert into participants as p (store, order_id, line_item, position, name, email, product, fields)
    select $1, $2, line_item, position, name, email, product, fields from given order by line_item, position
    on conflict (store, order_id, line_item, position) do update
      set name = excluded.name, email = excluded.email, product = excluded.product, fields = excluded.fields,
        removed_at = null, changed_at = clock_timestamp()
      where p.erased_at is null and (p.name, p.email, p.product, p.fields, p.removed_at is null)
        is distinct from (excluded.name, excluded.email, excluded.product, excluded.fields, true)
    -- Of a row that was only updated xmax is this transaction.
    returning line_item, position, case when xmax = 0 then 'added' else 'changed' end as what),
  removed as (
    update participants p set removed_at = clock_timestamp()
    where store = $1 and order_id = $2 and removed_at is null
      and not exists (select from given g where g.line_item = p.line_item and g.position = p.position)
    returning line_item, position, 'removed' as what)
  select * from saved union all select * from removed`;

export interface SavedParticipant {
  readonly line_item: bigint;
  readonly position: number;
  readonly what: 'added' | 'changed' | 'removed';
}

/** Gives those that are not as they were. The caller has locked the order. */
export async function saveParticipants(
  tx: ClientBase,
  store: string,
  order: OrderSnapshot,
  rules: SlipRules,
): Promise<SavedParticipant[]> {
  const participants = readParticipants(order, rules);
  const { rows } = await tx.query<SavedParticipant>(SAVE, [
    ...[store, order.id],
    participants.map(({ lineItem }) => lineItem),
    participants.map(({ position }) => position),
    participants.map(({ name }) => name),
    participants.map(({ email }) => email),
    participants.map(({ product }) => product),
    participants.map(({ fields }) => JSON.stringify(fields)),
  ]);
  await tx.query(
    `update store_orders set participants_at = clock_timestamp(), refunds_seen = $3 where store = $1 and order_id = $2`,
    [store, order.id, order.refundIds.length],
  );
  return rows;
}
