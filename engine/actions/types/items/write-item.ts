import { POLL_COST_SATS } from '../../../../domain/items/limits.js';
import { satsToMsat } from '../../../../domain/money.js';
import { Refusal } from '../../../../domain/refusal.js';
import type { ActionContext, Queryable } from '../paid-action-type.js';
import type { NewItem } from './item-kind.js';
import type { NamedForward } from './post-fields.js';

/** Writes an item with what belongs to it, in the state PENDING. A comment has the territories of its post. Its files are not its cost. */
export async function writeItem(
  tx: Queryable,
  { actionId, actor, costMsat }: Omit<ActionContext<unknown>, 'args'>,
  item: NewItem,
): Promise<void> {
  const { kind, title, text, url, parentId, poll, job, bounty, boostSats } = item;
  const boostMsat = satsToMsat(BigInt(boostSats));
  const { rows } = await tx.query<{ id: bigint }>(
    `insert into items (action_id, author, kind, title, url, text, parent_id, path, territories, cost_msat, freebie, boost_msat,
       bounty_msat, poll_cost_msat, poll_ends_at, job, state)
     select $1, $2, $3, $4, $5, $6, $7::bigint, case when p.id is null then '{}' else p.path || p.id end, coalesce(p.territories, $8),
       $9 - (select coalesce(sum(c.cost_msat), 0) from actions c where c.parent = $1), $10, $11, $12, $13, $14, $15, 'PENDING'
     from (select 1) one left join items p on p.id = $7::bigint
     returning id`,
    [
      ...[actionId, actor, kind, title, url ?? null, text, parentId ?? null, item.territories],
      ...[costMsat === 0n ? 0n : costMsat - boostMsat, costMsat === 0n, boostMsat],
      bounty === undefined ? null : satsToMsat(BigInt(bounty)),
      poll === undefined ? null : satsToMsat(POLL_COST_SATS),
      ...[poll?.endsAt ?? null, job === undefined ? null : JSON.stringify(job)],
    ],
  );
  const id = rows[0]?.id;
  if (id === undefined) throw new Error('an item was not written');
  if (poll !== undefined) await addPollOptions(tx, id, poll.options);
  if (item.forwards.length > 0) await setForwards(tx, id, actor, item.forwards);
}

/** After those that the poll has. Throws Refusal `item.not_possible` where there would be too many, or one twice. */
export async function addPollOptions(
  tx: Queryable,
  itemId: bigint,
  options: readonly string[],
): Promise<void> {
  const { rowCount } = await tx.query(
    `insert into poll_options (item_id, n, text)
     select $1, had.n + o.n, o.text
     from unnest($2::text[]) with ordinality as o(text, n),
       (select coalesce(max(n), 0) as n from poll_options where item_id = $1) had
     where had.n + o.n <= 10
     on conflict (item_id, text) do nothing`,
    [itemId, options],
  );
  if (rowCount !== options.length) {
    throw new Refusal('item.not_possible', 'a poll has at most 10 options, each once');
  }
}

/** Instead of those that the item has. Throws Refusal `item.forward` where an account is unknown, or the author's own. */
export async function setForwards(
  tx: Queryable,
  itemId: bigint,
  author: string | null,
  forwards: readonly NamedForward[],
): Promise<void> {
  await tx.query('delete from item_forwards where item_id = $1', [itemId]);
  await refuseForwards(tx, author, forwards);
  await tx.query(
    `insert into item_forwards (item_id, account_id, percent)
     select $1, a.id, f.percent from unnest($2::text[], $3::integer[]) as f(name, percent) join accounts a on a.name = f.name`,
    [itemId, forwards.map(({ name }) => name), forwards.map(({ percent }) => percent)],
  );
}

/** Throws Refusal `item.forward` where an account is unknown, or the author's own. */
export async function refuseForwards(
  db: Queryable,
  author: string | null,
  forwards: readonly NamedForward[],
): Promise<void> {
  if (forwards.length === 0) return;
  const { rows } = await db.query<{ name: string }>(
    `select f.name from unnest($1::text[]) as f(name) left join accounts a on a.name = f.name
     where a.id is null or a.id = $2::uuid`,
    [forwards.map(({ name }) => name), author],
  );
  const [bad] = rows;
  if (bad === undefined) return;
  throw new Refusal('item.forward', `there is no account ${bad.name}, or it is your own`);
}
