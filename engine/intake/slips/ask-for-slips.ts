import type { ClientBase } from 'pg';
import { Refusal } from '../../../domain/refusal.js';
import { transact } from '../../context.js';
import { randomUUID } from 'node:crypto';
import { type IdempotencyKey, takeKey } from '../../idempotency.js';
import type { IntakeContext } from '../context.js';
import { wakeNotices } from '../incidents/wake-notices.js';
import { addTrail } from '../orders/trail.js';
import { readStore } from '../stores/store.js';

export interface SlipRequest {
  readonly store: string;
  /** Null: all held slips of the store. */
  readonly orderId: bigint | null;
  /** Of an order only: also a further version for those who have one, sent, outdated or void. */
  readonly again: boolean;
  /** Counts only. */
  readonly preview: boolean;
  readonly idempotencyKey?: IdempotencyKey;
}

export interface SlipsAsked {
  /** Mails to customers that this is, or would be. */
  readonly mails: number;
  /** Of those, to participants who had one already. */
  readonly again: number;
  readonly replayed: boolean;
}

/**
 * Mails slips that were held, or mails them again. Throws Refusal `store.not_found`, `store.order_not_found`, and `store.order_over`
 * for an order that is cancelled or refunded.
 */
export function askForSlips(context: IntakeContext, request: SlipRequest): Promise<SlipsAsked> {
  return transact(context, async (tx) => {
    const { store, orderId, preview, idempotencyKey: key } = request;
    if (!preview && key !== undefined) {
      const first = await takeKey(tx, key, { kind: 'notification', id: randomUUID() });
      if (first !== undefined) return { mails: 0, again: 0, replayed: true };
    }
    const { settings } = await readStore(tx, store);
    if (orderId !== null) await requireOpen(tx, store, orderId, settings.slips?.statuses ?? []);
    const again =
      request.again && orderId !== null ? await addVersions(tx, store, orderId, preview) : 0;
    const held = await release(tx, store, orderId, preview);
    const mails = held + again;
    if (!preview && mails > 0) {
      if (orderId !== null)
        await addTrail(
          tx,
          { store, orderId },
          { what: 'slips_asked_for', detail: { mails, again } },
        );
      await wakeNotices(tx, store, `${mails} slips were asked for`);
    }
    return { mails, again, replayed: false };
  });
}

async function requireOpen(
  tx: ClientBase,
  store: string,
  orderId: bigint,
  statuses: readonly string[],
): Promise<void> {
  const { rows } = await tx.query<{ status: string }>(
    'select status from store_orders where store = $1 and order_id = $2 for update',
    [store, orderId],
  );
  const [order] = rows;
  if (order === undefined)
    throw new Refusal(
      'store.order_not_found',
      `store ${store} has no order ${orderId} that is known`,
    );
  if (!statuses.includes(order.status))
    throw new Refusal('store.order_over', `nobody registers by an order that is ${order.status}`);
}

const HELD = `store = $1 and ($2::bigint is null or order_id = $2) and mail = 'held' and validity = 'valid'`;

async function release(
  tx: ClientBase,
  store: string,
  orderId: bigint | null,
  preview: boolean,
): Promise<number> {
  if (preview) {
    const { rows } = await tx.query<{ count: number }>(
      `select count(*)::int as count from slips where ${HELD}`,
      [store, orderId],
    );
    return rows[0]?.count ?? 0;
  }
  const { rowCount } = await tx.query(
    `update slips set mail = 'waiting', due_at = clock_timestamp(), asked_at = clock_timestamp() where ${HELD}`,
    [store, orderId],
  );
  return rowCount ?? 0;
}

/** Who has one that was sent, and none that is still to be mailed. */
const SENT = `
  select p.line_item, p.position, max(s.version) as version
  from participants p join slips s using (store, order_id, line_item, position)
  where p.store = $1 and p.order_id = $2 and p.removed_at is null and p.erased_at is null
  group by p.line_item, p.position
  having not bool_or(s.mail in ('held', 'waiting') and s.validity = 'valid')`;

async function addVersions(
  tx: ClientBase,
  store: string,
  orderId: bigint,
  preview: boolean,
): Promise<number> {
  if (preview) return (await tx.query(SENT, [store, orderId])).rowCount ?? 0;
  const { rowCount } = await tx.query(
    `with sent as (${SENT}),
     outdated as (
       update slips s set validity = 'outdated' from sent
       where s.store = $1 and s.order_id = $2 and s.line_item = sent.line_item and s.position = sent.position and s.validity = 'valid')
     insert into slips (store, order_id, line_item, position, version, mail)
     select $1, $2, line_item, position, version + 1, 'waiting' from sent order by line_item, position`,
    [store, orderId],
  );
  return rowCount ?? 0;
}
