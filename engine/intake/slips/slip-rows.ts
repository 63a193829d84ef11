import type { ClientBase } from 'pg';
import type { SavedParticipant } from './save-participants.js';

export interface SlipOrder {
  readonly store: string;
  readonly orderId: bigint;
}

/** Whether a first slip is mailed, or held until somebody asks; `as_others`: as those that the order has. */
export type Mailing = 'yes' | 'no' | 'as_others';

/** Of the order, or of those participants. */
export async function voidSlips(
  tx: ClientBase,
  { store, orderId }: SlipOrder,
  only?: readonly SavedParticipant[],
): Promise<number> {
  const { rowCount } = await tx.query(
    `update slips set validity = 'void' where store = $1 and order_id = $2 and validity <> 'void'
       and ($3::bigint[] is null or (line_item, position) in (select * from unnest($3::bigint[], $4::int[])))`,
    [
      ...[store, orderId],
      only?.map(({ line_item }) => line_item) ?? null,
      only?.map(({ position }) => position) ?? null,
    ],
  );
  return rowCount ?? 0;
}

/** Those that were sent say no longer what is true; one that waits is written when it is sent. */
export async function outdateSlips(
  tx: ClientBase,
  { store, orderId }: SlipOrder,
  only?: readonly SavedParticipant[],
): Promise<number> {
  const { rowCount } = await tx.query(
    `update slips set validity = 'outdated' where store = $1 and order_id = $2 and validity = 'valid' and mail = 'sent'
       and ($3::bigint[] is null or (line_item, position) in (select * from unnest($3::bigint[], $4::int[])))`,
    [
      ...[store, orderId],
      only?.map(({ line_item }) => line_item) ?? null,
      only?.map(({ position }) => position) ?? null,
    ],
  );
  return rowCount ?? 0;
}

/**
 * Every participant of the order has a slip: what was void and never sent is valid again; of a void one that was sent, another version
 * is held. Gives how many wait to be mailed now that did not before.
 */
export async function addSlips(
  tx: ClientBase,
  { store, orderId }: SlipOrder,
  mailing: Mailing,
): Promise<number> {
  const { rowCount: revived } = await tx.query(
    `update slips s set validity = 'valid' where store = $1 and order_id = $2 and validity = 'void' and mail in ('held', 'waiting')
       and exists (select from participants p where p.store = s.store and p.order_id = s.order_id
         and p.line_item = s.line_item and p.position = s.position and p.removed_at is null and p.erased_at is null)
       and not exists (select from slips o where o.store = s.store and o.order_id = s.order_id
         and o.line_item = s.line_item and o.position = s.position and o.version > s.version)`,
    [store, orderId],
  );
  const { rows } = await tx.query<{ mail: string }>(
    `insert into slips (store, order_id, line_item, position, version, mail)
     select p.store, p.order_id, p.line_item, p.position, coalesce(s.latest, 0) + 1,
       case when s.latest is null and ($3 = 'yes' or $3 = 'as_others' and exists (
         select from slips o where o.store = $1 and o.order_id = $2 and o.mail in ('waiting', 'sent'))) then 'waiting' else 'held' end
     from participants p
     cross join lateral (
       select max(version) as latest, bool_or(validity <> 'void') as live from slips o
       where o.store = p.store and o.order_id = p.order_id and o.line_item = p.line_item and o.position = p.position) s
     where p.store = $1 and p.order_id = $2 and p.removed_at is null and p.erased_at is null and not coalesce(s.live, false)
     order by p.line_item, p.position
     returning mail`,
    [store, orderId, mailing],
  );
  return (revived ?? 0) + rows.filter(({ mail }) => mail === 'waiting').length;
}

/** A delivery told of the order after all: the first slips that were held for want of it are mailed. */
export async function releaseHeld(tx: ClientBase, { store, orderId }: SlipOrder): Promise<number> {
  const { rowCount } = await tx.query(
    `update slips set mail = 'waiting', due_at = clock_timestamp(), asked_at = clock_timestamp()
     where store = $1 and order_id = $2 and mail = 'held' and version = 1 and validity = 'valid'`,
    [store, orderId],
  );
  return rowCount ?? 0;
}
