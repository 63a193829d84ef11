import type { Pool } from 'pg';
import type { NostrRelays } from '../../adapters/nostr/port.js';
import type { PushPort } from '../../adapters/push/port.js';
import type { Delivered, Delivery } from './delivery.js';
import { sendPush } from './push.js';
import { sendReceipt } from './zap-receipt.js';

export interface DeliveryParts {
  readonly pool: Pool;
  /** Signs receipts. */
  readonly secret: string;
  /** Null: pushes are given up. */
  readonly push: PushPort | null;
  readonly relays: NostrRelays;
}

const AT_ONCE = 8;
const LEASE_SECONDS = 60;
/** Over about an hour and a half. */
const MOST_TRIES = 10;
const FIRST_PAUSE_SECONDS = 10;

/**
 * Sends what is due, several at once. A lease keeps others from it meanwhile; a process that dies between sending and noting it has sent it
 * twice, which its receiver sees as one: a push by its topic, a receipt by its id. Gives how many were due.
 */
export async function deliverDue(parts: DeliveryParts): Promise<number> {
  const taken = await take(parts.pool);
  await Promise.all(taken.map((delivery) => deliver(parts, delivery)));
  return taken.length;
}

async function take(pool: Pool): Promise<readonly Delivery[]> {
  const { rows } = await pool.query<Delivery>(
    `update deliveries set leased_until = clock_timestamp() + $2 * interval '1 second', tries = tries + 1
     where id = any (array(
       select id from deliveries
       where done_at is null and due_at <= clock_timestamp() and (leased_until is null or leased_until < clock_timestamp())
       order by due_at limit $1 for no key update skip locked))
     returning id, kind, version, tries, notice_id, subscription_id, action_id, address`,
    [AT_ONCE, LEASE_SECONDS],
  );
  return rows;
}

async function deliver(parts: DeliveryParts, delivery: Delivery): Promise<void> {
  try {
    const outcome = await send(parts, delivery);
    await finish(parts.pool, delivery, outcome === 'delivered', null);
  } catch (error) {
    await failed(parts.pool, delivery, error instanceof Error ? error.message : String(error));
  }
}

function send(parts: DeliveryParts, delivery: Delivery): Promise<Delivered> {
  return delivery.kind === 'PUSH' ? sendPush(parts, delivery) : sendReceipt(parts, delivery);
}

/** One that has more to say meanwhile stays due. */
async function finish(
  pool: Pool,
  { id, version }: Delivery,
  delivered: boolean,
  error: string | null,
): Promise<void> {
  await pool.query(
    `update deliveries set leased_until = null, last_error = $4,
       done_at = case when version = $2 then clock_timestamp() end, delivered = case when version = $2 then $3::boolean end
     where id = $1 and done_at is null`,
    [id, version, delivered, error],
  );
}

async function failed(pool: Pool, delivery: Delivery, error: string): Promise<void> {
  if (delivery.tries >= MOST_TRIES) return finish(pool, delivery, false, error.slice(0, 500));
  await pool.query(
    `update deliveries set leased_until = null, last_error = $2,
       due_at = clock_timestamp() + $3 * power(2, tries - 1) * interval '1 second'
     where id = $1 and done_at is null`,
    [delivery.id, error.slice(0, 500), FIRST_PAUSE_SECONDS],
  );
}
