import type { ClientBase } from 'pg';
import { linkedItems, mentionedNames } from '../../domain/items/mentions.js';
import { followUp, type Written } from './tell.js';

/**
 * Tells everybody whom a paid item concerns: once each, of the most particular reason. Whoever wrote the parent; who wrote another item
 * above it, or shares in what that earns; whom it mentions; whose item it links to; who follows its author; who follows a territory of
 * the post. Not its author, and nobody who mutes the author.
 */
export function tellOfItem(tx: ClientBase, actionId: string, siteUrl: string): Promise<void> {
  return tell(tx, 'i.action_id = $1', actionId, siteUrl, [REPLIES, MENTIONS, FOLLOWERS]);
}

/** Tells those whom the changed text of a paid item mentions and who were not told of the item before. */
export function tellOfEdit(tx: ClientBase, itemId: string, siteUrl: string): Promise<void> {
  return tell(tx, 'i.id = $1', itemId, siteUrl, [MENTIONS]);
}

const REPLIES = `
  select p.author as account, 'REPLY' as kind, 1 as place from item join items p on p.id = item.parent_id
  union all
  select a.author, 'THREAD', 2 from item join items a on a.id = any(item.path)
  union all
  select f.account_id, 'THREAD', 2 from item join item_forwards f on f.item_id = any(item.path)`;

const MENTIONS = `
  select a.id, 'MENTION', 3 from accounts a where a.name = any($2::text[]) and a.role = 'user'
  union all
  select l.author, 'ITEM_MENTION', 4 from items l where l.id = any($3::bigint[]) and l.state = 'PAID' and l.deleted_at is null`;

const FOLLOWERS = `
  select f.account, 'FOLLOWED_ITEM', 5 from item join follows f on f.followed = item.author
  union all
  select f.account, 'TERRITORY_ITEM', 6 from item join territories t on t.name = any(item.territories)
  join territory_follows f on f.territory = t.id where item.kind not in ('comment', 'bio')`;

async function tell(
  tx: ClientBase,
  which: string,
  id: string,
  siteUrl: string,
  reasons: readonly string[],
): Promise<void> {
  const { rows: found } = await tx.query<{ title: string | null; text: string }>(
    `select title, text from items i where ${which} and ${TELLABLE}`,
    [id],
  );
  const [item] = found;
  if (item === undefined) return;
  const text = `${item.title ?? ''}\n${item.text}`;
  const { rows } = await tx.query<Written>(
    `with item as (select * from items i where ${which} and ${TELLABLE}),
     reasons (account, kind, place) as (${reasons.join(' union all ')}),
     told as (
       select distinct on (r.account) r.account, r.kind from reasons r, item
       where r.account is not null and r.account is distinct from item.author
         and not exists (select from mutes m where m.account = r.account and m.muted = item.author)
       order by r.account, r.place)
     insert into notices (account, kind, key, item_id, action_id, by_account)
     select told.account, told.kind, 'item/' || item.id, item.id, item.action_id, item.author from told, item
     where $2::text[] is not null and $3::bigint[] is not null
     order by told.account
     on conflict (account, key) do nothing
     returning id, account, kind`,
    [id, mentionedNames(text), linkedItems(text, siteUrl)],
  );
  await followUp(tx, rows);
}

/** What is deleted or unpaid concerns nobody; a job that is not promoted is seen by its author only. */
const TELLABLE = `i.state = 'PAID' and i.deleted_at is null and i.stopped_at is null`;
