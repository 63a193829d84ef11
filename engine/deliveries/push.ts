import type { Pool } from 'pg';
import type { PushPort } from '../../adapters/push/port.js';
import { VISIBLE } from '../actions/read-notices.js';
import type { Delivered, Delivery } from './delivery.js';

interface PushRow {
  readonly endpoint: string;
  readonly p256dh: Buffer;
  readonly auth: Buffer;
  readonly ended: boolean;
  /** Read or dismissed meanwhile, or of an item that was deleted. */
  readonly seen: boolean;
  readonly kind: string;
  readonly item_id: bigint | null;
  readonly by: string | null;
  readonly amount_msat: bigint | null;
  readonly times: number;
}

/** A notice as it is now, to one device. Its text is small: what else there is, the page asks for. */
export async function sendPush(
  { pool, push }: { readonly pool: Pool; readonly push: PushPort | null },
  { notice_id: noticeId, subscription_id: subscriptionId }: Delivery,
): Promise<Delivered> {
  const { rows } = await pool.query<PushRow>(
    `select s.endpoint, s.p256dh, s.auth, s.ended_at is not null or s.account <> n.account as ended,
       n.read_at is not null or not (${VISIBLE}) as seen,
       n.kind, n.item_id, w.name as by, n.amount_msat, n.times
     from notices n join push_subscriptions s on s.id = $2 left join accounts w on w.id = n.by_account
     where n.id = $1`,
    [noticeId, subscriptionId],
  );
  const [row] = rows;
  if (push === null || row === undefined || row.ended || row.seen) return 'refused';
  const outcome = await push.send(row, { topic: `notice-${noticeId}`, text: textOf(row) });
  if (outcome === 'delivered') return 'delivered';
  await pool.query(
    'update push_subscriptions set ended_at = coalesce(ended_at, clock_timestamp()) where id = $1',
    [subscriptionId],
  );
  return 'refused';
}

function textOf({ kind, item_id: itemId, by, amount_msat: amountMsat, times }: PushRow): string {
  return JSON.stringify({
    kind,
    itemId: itemId?.toString() ?? null,
    by,
    amountMsat: amountMsat?.toString() ?? null,
    times,
  });
}
