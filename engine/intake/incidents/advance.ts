import type { ClientBase, Pool } from 'pg';
import { inTransaction } from '../../../db/transaction.js';
import type { ToldAs } from '../../../domain/intake/incidents/message.js';
import {
  decideNotice,
  type NoticeFacts,
  type NoticeKind,
} from '../../../domain/intake/incidents/policy.js';
import { channelOfCause } from './channel-health.js';
import { writeDigest } from './digest.js';
import { notify, type Notice } from './notify.js';
import { readTold, readToldStore, type ToldStore } from './told.js';

export interface NotificationsStep {
  /** Whether messages wait to be sent now. */
  readonly due: boolean;
  /** When the next notice, digest or try is due; null when nothing is. */
  readonly nextAt: Date | null;
}

/**
 * Decides which notices of a store are due, writes them with their messages, and says when to come again. Anybody may call it at any
 * time: a notice is decided once. Nothing is sent here (send.ts).
 */
export function advanceNotifications(pool: Pool, store: string): Promise<NotificationsStep> {
  return inTransaction(pool, async (tx) => {
    const told = await readToldStore(tx, store);
    if (told === undefined) return { due: false, nextAt: null };
    await giveNotices(tx, told);
    const digestAt = await writeDigest(tx, told);
    return nextStep(tx, store, digestAt);
  });
}

interface Row extends NoticeFacts {
  readonly id: bigint;
  readonly cause: string;
  readonly now: Date;
}

async function giveNotices(tx: ClientBase, store: ToldStore): Promise<void> {
  const { rows } = await tx.query<Row>(
    `select id, kind, cause, severity, opened_at as "openedAt", news_at as "newsAt", verified_at as "verifiedAt",
       healed_at as "healedAt", least(muted_until, case when muted_until is not null then timestamptz '9999-12-31' end) as "mutedUntil", step, told_at as "toldAt",
       exists (select from incident_notices n where n.incident_id = i.id and n.what = 'resolved') as "resolvedTold",
       clock_timestamp() as now
     from incidents i where store = $1 and due_at <= clock_timestamp() order by id for update`,
    [store.id],
  );
  const given = new Map<bigint, ToldAs>();
  const notices: Notice[] = [];
  for (const row of rows) {
    const decision = decideNotice(row, row.now, store.unverifiedMs);
    if (decision.tell === null) {
      await tx.query('update incidents set due_at = $2 where id = $1', [row.id, decision.lookAt]);
      continue;
    }
    const step = row.step + 1;
    await writeNotice(tx, row.id, step, decision.tell);
    given.set(row.id, decision.tell);
    const notByChannel = row.kind === 'channel_failing' ? channelOfCause(row.cause) : null;
    notices.push({ incidentId: row.id, step, notByChannel });
  }
  if (given.size === 0) return;
  const incidents = await readTold(tx, given);
  await notify(tx, { what: 'incidents', store, incidents }, notices);
  await giveNotices(tx, store);
}

async function writeNotice(
  tx: ClientBase,
  id: bigint,
  step: number,
  what: NoticeKind,
): Promise<void> {
  await tx.query(
    `with notice as (insert into incident_notices (incident_id, step, what) values ($1, $2, $3))
     update incidents set step = $2, told_at = clock_timestamp(), due_at = clock_timestamp() where id = $1`,
    [id, step, what],
  );
}

async function nextStep(
  tx: ClientBase,
  store: string,
  digestAt: Date | null,
): Promise<NotificationsStep> {
  const { rows } = await tx.query<{ due: boolean; nextAt: Date | null }>(
    `with waiting as (
       select greatest(n.due_at, n.leased_until, c.paused_until) as at from notifications n join notice_channels c on c.id = n.channel_id
       where n.store = $1 and n.state = 'waiting'
       union all
       select greatest(due_at, leased_until) from slips where store = $1 and mail = 'waiting' and validity = 'valid'),
     times as (
       select min(at) as at from waiting
       union all select min(due_at) from incidents where store = $1 and due_at is not null
       union all select $2::timestamptz)
     select coalesce((select min(at) <= clock_timestamp() from waiting), false) as due, (select min(at) from times) as "nextAt"`,
    [store, digestAt],
  );
  return rows[0] ?? { due: false, nextAt: null };
}
