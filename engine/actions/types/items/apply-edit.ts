import { satsToMsat, type Msat } from '../../../../domain/money.js';
import { Refusal } from '../../../../domain/refusal.js';
import type { ActionContext, Queryable } from '../paid-action-type.js';
import type { EditArgs } from './edit-fields.js';
import { addPollOptions, setForwards } from './write-item.js';

/** What an edit adds to the counters of its item; together its cost. */
export interface EditCost {
  readonly boostMsat: Msat;
  readonly territoriesMsat: Msat;
}

/** Makes the changes. Throws Refusal `item.deleted` where the item is gone: the payer gets the money back. */
export async function applyEdit(
  tx: Queryable,
  { args, actor }: ActionContext<EditArgs>,
  { boostMsat, territoriesMsat }: EditCost,
): Promise<void> {
  const { rows } = await tx.query<{ id: bigint; paid: boolean }>(
    `update items set title = coalesce($2, title), text = coalesce($3, text), url = coalesce($4, url),
       territories = coalesce($5, territories), bounty_msat = coalesce($6, bounty_msat), job = coalesce(job || $7::jsonb, job),
       stopped_at = case when $8 then coalesce(stopped_at, clock_timestamp()) when not $8 then null else stopped_at end,
       edited_at = clock_timestamp()
     where id = $1 and deleted_at is null returning id, state = 'PAID' as paid`,
    [
      ...[args.itemId, args.title, args.text, args.url, args.territories],
      args.bountySats === undefined ? null : satsToMsat(BigInt(args.bountySats)),
      JSON.stringify({ company: args.company, location: args.location, remote: args.remote }),
      args.stopped,
    ],
  );
  const [item] = rows;
  if (item === undefined) throw new Refusal('item.deleted', 'the item was deleted');
  if (args.addOptions !== undefined) await addPollOptions(tx, item.id, args.addOptions);
  if (args.forwards !== undefined) await setForwards(tx, item.id, actor, args.forwards);
  if (boostMsat === 0n && territoriesMsat === 0n) return;
  await tx.query('insert into item_deltas (item_id, boost_msat, cost_msat) values ($1, $2, $3)', [
    item.id,
    boostMsat,
    territoriesMsat,
  ]);
}
