import type { ClientBase, Pool } from 'pg';
import type { NoticeKind } from '../../domain/notices/kinds.js';
import { Refusal } from '../../domain/refusal.js';
import { FAILED_PAYMENTS, failedTypes, IS_NOTICE, markFailedRead } from './failed-payments.js';

type Db = Pick<ClientBase, 'query'>;

export interface Notice {
  /** Of its row; null where it is a failed payment, which `actionId` and `attempt` name. */
  readonly id: bigint | null;
  readonly kind: NoticeKind;
  readonly itemId: bigint | null;
  /** What a zap or reward was for, or the action that failed. */
  readonly actionId: string | null;
  /** Of a failed payment. */
  readonly attempt: number | null;
  /** Account name. */
  readonly by: string | null;
  readonly amountMsat: bigint | null;
  /** How many events it tells of. */
  readonly times: number;
  readonly detail: Readonly<Record<string, string>>;
  readonly at: Date;
  readonly read: boolean;
}

/** `atUs`: microseconds since 1970; `key` orders those of one time. */
export interface NoticePosition {
  readonly atUs: bigint;
  readonly key: string;
}

/** SQL over a notice `n`: whether it is shown. What is said of an item that was deleted is not; what was earned by it is. */
export const VISIBLE = `n.dismissed_at is null
  and not exists (select from items i where i.id = n.item_id and i.deleted_at is not null and n.kind not in ('ZAP', 'FORWARDED_ZAP', 'BOUNTY'))`;

/** SQL over $3, the account: stored notices and failed payments, alike. */
const ALL = `
  select n.id, n.kind, n.item_id, n.action_id, null::integer as attempt, n.by_account, n.amount_msat, n.times, n.detail, n.at,
    n.read_at is not null as read, 'n' || lpad(n.id::text, 19, '0') as key
  from notices n where n.account = $3 and ${VISIBLE}
  union all
  select null, 'FAILED_PAYMENT', null, f.action_id, f.attempt, null, f.cost_msat, 1,
    jsonb_build_object('type', f.type, 'reason', coalesce(f.reason, '')), f.failed_at, f.read, 'f' || f.action_id
  from ${FAILED_PAYMENTS} f where f.account = $3 and ${IS_NOTICE}`;

/** What an account is told, the newest first. */
export async function readNotices(
  db: Db,
  account: string,
  before: NoticePosition | undefined,
  limit: number,
): Promise<(Notice & NoticePosition)[]> {
  const { rows } = await db.query<Notice & NoticePosition>(
    `select a.id, a.kind, a.item_id as "itemId", a.action_id as "actionId", a.attempt, w.name as by, a.amount_msat as "amountMsat",
       a.times, a.detail, a.at, a.read, a.key, (extract(epoch from a.at) * 1000000)::bigint as "atUs"
     from (${ALL}) a left join accounts w on w.id = a.by_account
     where $4::bigint is null or (a.at, a.key) < (timestamptz 'epoch' + $4::bigint * interval '1 us', $5::text)
     order by a.at desc, a.key desc limit $6`,
    [...failedTypes(), account, before?.atUs ?? null, before?.key ?? null, limit],
  );
  return rows;
}

/** More are not counted. */
const MOST_UNREAD = 100;

/** How many notices an account has not read, at most {@link MOST_UNREAD}: of exactly those that are listed. */
export async function countUnread(db: Db, account: string): Promise<number> {
  const { rows } = await db.query<{ n: bigint }>(
    `select count(*) as n from (select from (${ALL}) a where not a.read limit $4) u`,
    [...failedTypes(), account, MOST_UNREAD],
  );
  return Number(rows[0]?.n ?? 0n);
}

/** All that are there now, through that time, have been read. One that is committed later is unread, whatever its time. */
export async function markRead(tx: Db, account: string, through: Date | null): Promise<void> {
  await tx.query(
    `update notices set read_at = clock_timestamp()
     where account = $1 and read_at is null and ($2::timestamptz is null or at < $2::timestamptz + interval '1 ms')`,
    [account, through],
  );
  await markFailedRead(tx, account);
}

/** Not shown any more; what adds up is shown again when there is more of it. Throws Refusal `notice.not_found`. */
export async function dismissNotice(pool: Pool, account: string, id: string): Promise<void> {
  const { rowCount } = await pool.query(
    `update notices set dismissed_at = coalesce(dismissed_at, clock_timestamp()), read_at = coalesce(read_at, clock_timestamp())
     where account = $1 and id = $2`,
    [account, id],
  );
  if (rowCount !== 1) throw new Refusal('notice.not_found', `you have no notice ${id}`);
}
