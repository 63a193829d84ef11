import type { Pool } from 'pg';
import {
  type Delivery,
  GIVE_UP_MS,
  pauseAfter,
} from '../../../domain/intake/incidents/delivery.js';
import { slipMail } from '../../../domain/intake/slips/slip-mail.js';
import { inTransaction } from '../../../db/transaction.js';
import { healIncident } from '../incidents/raise.js';
import type { Senders } from '../incidents/send.js';
import { addTrail } from '../orders/trail.js';
import { readStore, type Store } from '../stores/store.js';

interface Claimed {
  readonly id: bigint;
  readonly orderId: bigint;
  readonly lease: number;
  readonly tries: number;
  readonly version: number;
  readonly position: number;
  readonly number: string;
  readonly name: string;
  readonly email: string;
  readonly product: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Longer than a send may take; a crashed sender's slips are sent again after it. */
const LEASE_SECONDS = 120;
const CLAIMED_AT_ONCE = 10;

/** Written as the participant is now, not as when the slip became due. */
const CLAIM = `
  with due as (
    select id from slips where store = $1 and mail = 'waiting' and validity = 'valid' and due_at <= clock_timestamp()
      and (leased_until is null or leased_until < clock_timestamp())
    order by due_at, id limit ${CLAIMED_AT_ONCE} for update skip locked),
  claimed as (
    update slips s set lease = lease + 1, leased_until = clock_timestamp() + ${LEASE_SECONDS} * interval '1 second', tries = tries + 1
    from due where s.id = due.id returning s.*)
  select c.id, c.order_id as "orderId", c.lease, c.tries, c.version, c.position, o.number, p.name, p.email, p.product, p.fields
  from claimed c
  join store_orders o on o.store = c.store and o.order_id = c.order_id
  join participants p on p.store = c.store and p.order_id = c.order_id and p.line_item = c.line_item and p.position = c.position
  order by c.id`;

/**
 * Mails the slips of a store that are due, one after the other, outside of transactions. After a crash between a mail and its record it
 * is mailed once more, with the same Message-ID. Gives how many were sent.
 */
export async function sendSlips(senders: Senders, storeId: string): Promise<number> {
  const { pool } = senders;
  const store = await readStore(pool, storeId);
  if (store.closedAt !== null) return 0;
  let sent = 0;
  for (;;) {
    const { rows } = await pool.query<Claimed>(CLAIM, [storeId]);
    for (const slip of rows) {
      const delivery = await deliver(senders, store, slip);
      await record(pool, store, slip, delivery);
      if (delivery.kind === 'sent') sent += 1;
    }
    if (rows.length < CLAIMED_AT_ONCE) return sent;
  }
}

function deliver(senders: Senders, store: Store, slip: Claimed): Promise<Delivery> {
  const { slips: rules } = store.settings;
  if (rules === null) return refused('the store has no slips any more');
  if (senders.mail === null) return refused('QUITTANCE_SMTP_URL is not set');
  if (slip.email === '') return refused('the order names no address');
  const { name, product, position, fields, version, number: order } = slip;
  const content = slipMail(rules, {
    ...{ name, product, position, fields, version },
    ...{ order, store: store.name },
  });
  const messageId = `<slip.${slip.id}@${senders.mailDomain}>`;
  return senders.mail.send({ messageId, to: [slip.email], ...content });
}

function refused(reason: string): Promise<Delivery> {
  return Promise.resolve({ kind: 'refused', reason });
}

/** Only the newest lease records: whoever was too slow leaves it to the one who took over. */
function record(pool: Pool, store: Store, slip: Claimed, delivery: Delivery): Promise<void> {
  const { id, lease, tries, orderId, email, version } = slip;
  const failed = delivery.kind === 'sent' ? (delivery.problem ?? null) : delivery.reason;
  const pauseMs = delivery.kind === 'sent' ? 0 : pauseAfter(tries, delivery);
  return inTransaction(pool, async (tx) => {
    const { rowCount } = await tx.query(
      `update slips set leased_until = null, last_error = $3,
         mail = case when $4 then 'sent' when created_at < clock_timestamp() - $5 * interval '1 millisecond' then 'given_up' else mail end,
         sent_at = case when $4 then clock_timestamp() end, address = case when $4 then $6 end,
         due_at = clock_timestamp() + $7 * interval '1 millisecond'
       where id = $1 and lease = $2 and mail = 'waiting'`,
      [id, lease, failed, delivery.kind === 'sent', GIVE_UP_MS, email, pauseMs],
    );
    if (rowCount !== 1 || delivery.kind !== 'sent') return;
    await addTrail(tx, { store: store.id, orderId }, { what: 'slip_sent', detail: { version } });
    const incident = { store: store.id, kind: 'slip_missing', cause: 'slips' } as const;
    const { rows } = await tx.query<{ owed: boolean }>(
      `select exists (select from slips where store = $1 and order_id = $2 and validity = 'valid' and mail <> 'sent') as owed`,
      [store.id, orderId],
    );
    if (rows[0]?.owed === false) await healIncident(tx, { ...incident, orderIds: [orderId] });
  });
}
