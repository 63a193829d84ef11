import type { ClientBase } from 'pg';

type Db = Pick<ClientBase, 'query'>;

/** Own items for which, or below which, something was paid since: their ranks say when, or it is not summed up yet. */
const STIRRED = `
  (select id, author from items where author = $1 and state = 'PAID' and hot_time >= extract(epoch from $2::timestamptz)
   union
   select i.id, i.author from item_deltas d join items i on i.id = d.item_id where i.author = $1)`;

/** Failures of these are shown to whoever acted, who may try again. */
const SHOWN_FAILURES = ['ITEM_CREATE', 'ZAP', 'DOWN_ZAP', 'BOOST', 'POLL_VOTE', 'BOUNTY_PAYMENT'];

/**
 * What is new for the account $1 since $2, by the time of its payment: what is not paid tells nobody else anything, and what is paid late
 * is new when it is paid. Those that the account mutes are left out. Each is looked up by an index on what is the account's.
 */
const SOURCES = {
  zaps: `
    select from ${STIRRED} i join zaps z on z.item_id = i.id and z.state = 'PAID'
    join attempts a on a.action_id = z.action_id and a.state = 'PAID'
    where z.actor is distinct from $1 and a.changed_at > $2
      and not exists (select from mutes m where m.account = $1 and m.muted = z.actor)`,
  replies: `
    select from ${STIRRED} i join items r on r.parent_id = i.id and r.state = 'PAID' and r.paid_at > $2
    where r.author is distinct from $1 and r.deleted_at is null
      and not exists (select from mutes m where m.account = $1 and m.muted = r.author)`,
  votes: `
    select from items i join poll_ballots b on b.item_id = i.id and b.state = 'PAID'
    join attempts a on a.action_id = b.action_id and a.state = 'PAID'
    where i.author = $1 and i.kind = 'poll' and i.state = 'PAID' and (i.poll_ends_at is null or i.poll_ends_at > $2)
      and b.account_id <> $1 and a.changed_at > $2`,
  failures: `
    select from attempts a join actions s on s.id = a.action_id
    where a.payer = $1 and a.state = 'FAILED' and a.changed_at > $2 and s.type in (${SHOWN_FAILURES.map((type) => `'${type}'`).join(', ')})
      and not exists (select from attempts n where n.action_id = a.action_id and n.attempt > a.attempt)`,
  items: `
    select from follows f join items i on i.author = f.followed
    where f.account = $1 and i.state = 'PAID' and i.paid_at > $2
      and not exists (select from mutes m where m.account = $1 and m.muted = i.author)`,
  gifts: `
    select from invites v join invite_gifts g on g.code = v.code
    join attempts a on a.action_id = g.action_id and a.state = 'PAID'
    where v.owner = $1 and g.state = 'PAID' and a.changed_at > $2`,
  payments: `
    select from proxy_payments p join attempts a on a.action_id = p.action_id and a.state = 'PAID'
    where p.payee = $1 and p.state = 'PAID' and a.changed_at > $2`,
  rewards: `
    select from reward_shares s join attempts a on a.action_id = s.action_id and a.state = 'PAID'
    where s.account = $1 and a.changed_at > $2`,
} as const;
export type UnreadSource = keyof typeof SOURCES;

const SOURCE_NAMES = Object.keys(SOURCES) as UnreadSource[];

export interface Unread {
  /** Of which there is something new. */
  readonly of: readonly UnreadSource[];
  readonly seenAt: Date;
}

/** What is new for an account. One that has never looked has seen what was before it was opened. */
export async function readUnread(db: Db, account: string): Promise<Unread> {
  const { rows } = await db.query<{ seenAt: Date }>(
    `select coalesce((select seen_at from account_settings where account = $1),
       (select created_at from accounts where id = $1)) as "seenAt"`,
    [account],
  );
  const seenAt = rows[0]?.seenAt ?? new Date(0);
  const columns = SOURCE_NAMES.map((name) => `exists (${SOURCES[name]}) as ${name}`);
  const found = await db.query<Record<UnreadSource, boolean>>(
    `select ${columns.join(', ')}
     from (select $1::uuid, $2::timestamptz) s`,
    [account, seenAt],
  );
  const [news] = found.rows;
  return { seenAt, of: SOURCE_NAMES.filter((name) => news?.[name] === true) };
}

/** Everything up to now has been seen. */
export async function markSeen(tx: Db, account: string): Promise<void> {
  await tx.query(
    `insert into account_settings (account) values ($1)
     on conflict (account) do update set seen_at = clock_timestamp()`,
    [account],
  );
}
