import type { ClientBase } from 'pg';
import { Refusal } from '../../domain/refusal.js';

type Db = Pick<ClientBase, 'query'>;

/** What an account follows or mutes: a table, and where its names are. Constants of ours, never input. */
const LISTS = {
  follows: { column: 'followed', of: 'accounts' },
  mutes: { column: 'muted', of: 'accounts' },
  territory_follows: { column: 'territory', of: 'territories' },
} as const;
export type ListName = keyof typeof LISTS;

/** Any number of them would be a burden for everybody. */
const MOST = 10_000;

/** Sent again it changes nothing. Throws Refusal `account.not_found`, `territory.not_found`, `account.list_full`, `account.self`. */
export async function addToList(
  tx: Db,
  list: ListName,
  account: string,
  name: string,
): Promise<void> {
  const { column, of } = LISTS[list];
  const { rows } = await tx.query<{ id: string; full: boolean }>(
    `select id::text as id, (select count(*) from (select from ${list} where account = $1 limit $3) l) >= $3 as full
     from ${of} where name = $2`,
    [account, name, MOST],
  );
  const [found] = rows;
  if (found === undefined) {
    const code = of === 'accounts' ? 'account.not_found' : 'territory.not_found';
    throw new Refusal(code, `there is no ${name}`);
  }
  if (found.id === account) throw new Refusal('account.self', 'this is your own account');
  if (found.full) throw new Refusal('account.list_full', `a list has at most ${MOST} names`);
  await tx.query(
    `insert into ${list} (account, ${column}) values ($1, $2) on conflict do nothing`,
    [account, found.id],
  );
}

/** What is not there is no error. */
export async function removeFromList(
  tx: Db,
  list: ListName,
  account: string,
  name: string,
): Promise<void> {
  const { column, of } = LISTS[list];
  await tx.query(
    `delete from ${list} where account = $1 and ${column} = (select id from ${of} where name = $2)`,
    [account, name],
  );
}

/** Names, in their order. */
export async function readList(db: Db, list: ListName, account: string): Promise<string[]> {
  const { column, of } = LISTS[list];
  const { rows } = await db.query<{ name: string }>(
    `select n.name from ${list} l join ${of} n on n.id = l.${column} where l.account = $1 order by n.name`,
    [account],
  );
  return rows.map(({ name }) => name);
}
