import type { ClientBase } from 'pg';

/** One line of what happened to an order, or was decided about it. Details hold no personal data. */
export interface TrailEntry {
  readonly what: string;
  readonly detail?: Readonly<Record<string, string | number | boolean | null>>;
}

export async function addTrail(
  tx: ClientBase,
  order: { readonly store: string; readonly orderId: bigint },
  { what, detail = {} }: TrailEntry,
): Promise<void> {
  await tx.query(
    'insert into store_order_trail (store, order_id, what, detail) values ($1, $2, $3, $4)',
    [order.store, order.orderId, what, JSON.stringify(detail)],
  );
}
