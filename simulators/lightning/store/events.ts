import type { ClientBase, Pool } from 'pg';
import type {
  NodeEvent,
  PaymentFailure,
  PaymentHash,
  Preimage,
} from '../../../adapters/lightning/port.js';
import type { Msat } from '../../../domain/money.js';

export type NewEvent = NodeEvent extends infer E
  ? E extends NodeEvent
    ? Omit<E, 'cursor' | 'at'>
    : never
  : never;

/** Only in a change of the node's state, which locks the counter. */
export async function appendEvent(tx: ClientBase, event: NewEvent): Promise<void> {
  const invoice = event.type === 'invoice' ? event : undefined;
  const payment = event.type === 'payment' ? event : undefined;
  await tx.query(
    `with next as (
       update lightning_sim.node set last_cursor = last_cursor + 1 returning last_cursor)
     insert into lightning_sim.events
       (cursor, type, hash, state, received_msat, fee_msat, preimage, failure)
     select last_cursor, $1, $2, $3, $4, $5, $6, $7 from next`,
    [
      event.type,
      event.hash,
      event.state,
      invoice?.receivedMsat,
      payment?.feeMsat,
      payment?.preimage,
      payment?.failure,
    ],
  );
}

interface EventRow {
  readonly cursor: bigint;
  readonly at: Date;
  readonly hash: PaymentHash;
  readonly invoice: 'held' | 'settled' | 'canceled' | null;
  readonly receivedMsat: Msat;
  readonly payment: 'succeeded' | 'failed';
  readonly feeMsat: Msat;
  readonly preimage: Preimage | null;
  readonly failure: PaymentFailure | null;
}

const COLUMNS = `cursor, at, hash, case type when 'invoice' then state end as invoice,
  received_msat as "receivedMsat", state as payment, fee_msat as "feeMsat", preimage, failure`;

/** In the order of their cursors, without gaps. */
export async function eventsAfter(pool: Pool, after: bigint, limit: number): Promise<NodeEvent[]> {
  const { rows } = await pool.query<EventRow>(
    `select ${COLUMNS} from lightning_sim.events where cursor > $1 order by cursor limit $2`,
    [after, limit],
  );
  return rows.map(toEvent);
}

/** Every event of a hash, in order. */
export async function eventsOf(pool: Pool, hash: PaymentHash): Promise<NodeEvent[]> {
  const { rows } = await pool.query<EventRow>(
    `select ${COLUMNS} from lightning_sim.events where hash = $1 order by cursor`,
    [hash],
  );
  return rows.map(toEvent);
}

export async function lastCursor(pool: Pool): Promise<bigint> {
  const { rows } = await pool.query<{ cursor: bigint }>(
    'select last_cursor as cursor from lightning_sim.node',
  );
  return rows[0]?.cursor ?? 0n;
}

function toEvent(row: EventRow): NodeEvent {
  const { cursor, at, hash } = row;
  if (row.invoice !== null) {
    return {
      cursor,
      at,
      type: 'invoice',
      hash,
      state: row.invoice,
      receivedMsat: row.receivedMsat,
    };
  }
  return {
    cursor,
    at,
    type: 'payment',
    hash,
    state: row.payment,
    feeMsat: row.feeMsat,
    ...(row.preimage === null ? {} : { preimage: row.preimage }),
    ...(row.failure === null ? {} : { failure: row.failure }),
  };
}
