import type { ClientBase } from 'pg';
import type { StoredNoticeKind } from '../../domain/notices/kinds.js';
import { noticeSubject } from '../../domain/names/subjects.js';
import { enqueueEvent } from '../outbox.js';
import { schedulePushes } from './schedule-pushes.js';

/** Something that an account is told. */
export interface News {
  readonly account: string;
  readonly kind: StoredNoticeKind;
  /** What it is about: unique for the account. */
  readonly key: string;
  readonly itemId?: string | undefined;
  readonly actionId?: string | undefined;
  /** Whose doing it is. Nobody is told of what they did themselves, or of whom they mute. */
  readonly by?: string | null;
  /** In msat. */
  readonly amountMsat?: bigint;
  readonly detail?: Readonly<Record<string, string>>;
}

const INSERT = `
  insert into notices (account, kind, key, item_id, action_id, by_account, amount_msat, detail)
  select n.account, n.kind, n.key, n.item_id, n.action_id, n.by_account, n.amount_msat, coalesce(n.detail, '{}')
  from jsonb_to_recordset($1) as n (account uuid, kind text, key text, item_id bigint, action_id uuid, by_account uuid,
    amount_msat bigint, detail jsonb)
  where n.account is distinct from n.by_account
    and not exists (select from mutes m where m.account = n.account and m.muted = n.by_account)
  order by n.account, n.key`;

/** Tells each account of a thing once, whoever calls it and however often. */
export async function tellOnce(tx: ClientBase, news: readonly News[]): Promise<void> {
  await write(tx, news, 'on conflict (account, key) do nothing');
}

/** Adds to what was told of the same thing, and tells of it again. Once for each event: by an effect, which is done once. */
export async function tellMore(tx: ClientBase, news: readonly News[]): Promise<void> {
  await write(
    tx,
    news,
    `on conflict (account, key) do update set times = notices.times + 1, amount_msat = notices.amount_msat + excluded.amount_msat,
       by_account = excluded.by_account, action_id = excluded.action_id, at = clock_timestamp(), read_at = null, dismissed_at = null`,
  );
}

async function write(tx: ClientBase, news: readonly News[], onConflict: string): Promise<void> {
  if (news.length === 0) return;
  const { rows } = await tx.query<Written>(`${INSERT} ${onConflict} returning id, account, kind`, [
    JSON.stringify(news.map(rowOf)),
  ]);
  await followUp(tx, rows);
}

export interface Written {
  readonly id: bigint;
  readonly account: string;
  readonly kind: string;
}

/** What comes with a notice: devices are told, and whoever follows the account's changes. */
export async function followUp(tx: ClientBase, written: readonly Written[]): Promise<void> {
  if (written.length === 0) return;
  await schedulePushes(
    tx,
    written.map(({ id }) => id),
  );
  const accounts = [...new Set(written.map(({ account }) => account))];
  for (let n = 0; n < accounts.length; n += ACCOUNTS_OF_AN_EVENT) {
    await enqueueEvent(tx, {
      subject: noticeSubject(),
      orderingKey: 'notices',
      payload: { accounts: accounts.slice(n, n + ACCOUNTS_OF_AN_EVENT) },
    });
  }
}

/** A message of NATS has a size. */
const ACCOUNTS_OF_AN_EVENT = 1_000;

function rowOf({ account, kind, key, itemId, actionId, by, amountMsat, detail }: News): object {
  return {
    ...{ account, kind, key, item_id: itemId, action_id: actionId, by_account: by },
    ...{ amount_msat: amountMsat?.toString(), detail },
  };
}
