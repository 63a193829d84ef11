import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import { formatLossless } from '../../../domain/intake/lossless-json.js';
import type { OrderSnapshot } from '../../../domain/intake/order-snapshot.js';
import type { KnownOrder } from '../../../domain/intake/plan-snapshot.js';

export interface OrderRow extends KnownOrder {
  readonly store: string;
  readonly orderId: bigint;
  readonly createdAt: Date;
  readonly statusSince: Date;
  readonly paymentMethod: string;
  readonly createdEventAt: Date | null;
  readonly heardModifiedAt: Date | null;
  readonly firstSeen: string;
  readonly disputed: boolean;
  readonly alertedAt: Date | null;
  readonly tries: number;
  readonly participantsAt: Date | null;
  readonly refundsSeen: number;
  /** Its personal data is erased. */
  readonly erased: boolean;
}

export async function lockOrder(
  tx: ClientBase,
  store: string,
  orderId: bigint,
): Promise<OrderRow | undefined> {
  const { rows } = await tx.query<OrderRow>(
    `select store, order_id as "orderId", status, total::text, modified_at as "modifiedAt", snapshot_hash as "snapshotHash",
       created_at as "createdAt", status_since as "statusSince", payment_method as "paymentMethod",
       created_event_at as "createdEventAt", heard_modified_at as "heardModifiedAt", first_seen as "firstSeen",
       disputed, alerted_at as "alertedAt", tries, participants_at as "participantsAt", refunds_seen as "refundsSeen",
       erased_at is not null as erased
     from store_orders where store = $1 and order_id = $2 for update`,
    [store, orderId],
  );
  return rows[0];
}

/** Of what the store says of the order, without the links, which depend on how it was asked. */
export function hashOf(snapshot: OrderSnapshot): Buffer {
  const fields: Partial<Record<keyof OrderSnapshot, unknown>> = { ...snapshot };
  delete fields.raw;
  const text = formatLossless({
    ...fields,
    createdAt: snapshot.createdAt.getTime(),
    modifiedAt: snapshot.modifiedAt.getTime(),
    paidAt: snapshot.paidAt?.getTime() ?? null,
    completedAt: snapshot.completedAt?.getTime() ?? null,
  });
  return createHash('sha256').update(text).digest();
}

/** Columns that both an insert and an update write, from $3 on. */
export function columnsOf(snapshot: OrderSnapshot): unknown[] {
  return [
    ...[snapshot.status, snapshot.number, snapshot.currency, snapshot.total, snapshot.createdVia],
    ...[snapshot.paymentMethod, snapshot.createdAt, snapshot.modifiedAt, snapshot.paidAt],
    ...[snapshot.completedAt, snapshot.raw, hashOf(snapshot)],
  ];
}
