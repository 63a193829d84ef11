import type { Pool } from 'pg';
import type { AttemptState } from '../../domain/actions/machine.js';
import type { InvoiceState } from '../../domain/invoices/machine.js';
import type { Msat } from '../../domain/money.js';
import type { OrderState } from '../../domain/transmissions/machine.js';

/** What anybody who has a payment hash may know of it: never what is bought. */
export interface Payable {
  readonly hash: string;
  /** Another text in another state. */
  readonly mark: string;
  readonly memo: string;
  readonly bolt11: string | null;
  readonly amountMsat: Msat;
  readonly receivedMsat: Msat;
  readonly invoiceState: InvoiceState;
  readonly expiresAt: Date | null;
  /** By the database's clock; below 0 where it has expired. Null before the invoice exists. */
  readonly secondsLeft: number | null;
  readonly of:
    | {
        readonly kind: 'attempt';
        readonly actionId: string;
        readonly attempt: number;
        readonly state: AttemptState;
        readonly reason: string | null;
        /** Of the newest attempt: what the action has come to. */
        readonly newest: number;
        readonly newestHash: string | null;
      }
    | { readonly kind: 'order'; readonly orderId: string; readonly state: OrderState };
}

interface Row extends Omit<Payable, 'of'> {
  readonly actionId: string | null;
  readonly attempt: number | null;
  readonly attemptState: AttemptState | null;
  readonly reason: string | null;
  readonly newest: number | null;
  readonly newestHash: string | null;
  readonly orderId: string | null;
  readonly orderState: OrderState | null;
}

const MARK = `concat_ws(' ', i.state, i.bolt11 is null, a.state, o.state)`;

/** `hash` in lower-case hex. Undefined where it is no invoice of ours. */
export async function readPayable(pool: Pool, hash: string): Promise<Payable | undefined> {
  const { rows } = await pool.query<Row>(
    `select i.hash, ${MARK} as mark, i.memo, i.bolt11, i.amount_msat as "amountMsat", i.received_msat as "receivedMsat", i.state as "invoiceState",
       i.expires_at as "expiresAt", extract(epoch from i.expires_at - clock_timestamp())::float8 as "secondsLeft",
       i.action_id as "actionId", i.attempt, a.state as "attemptState", a.reason, n.attempt as newest, n.hash as "newestHash",
       i.order_id as "orderId", o.state as "orderState"
     from invoices i
     left join attempts a on a.action_id = i.action_id and a.attempt = i.attempt
     left join lateral (
       select m.attempt, mi.hash from attempts m left join invoices mi on mi.action_id = m.action_id and mi.attempt = m.attempt
       where m.action_id = i.action_id order by m.attempt desc limit 1) n on true
     left join orders o on o.id = i.order_id
     where i.hash = $1`,
    [hash],
  );
  return rows[0] && payableOf(rows[0]);
}

function payableOf(row: Row): Payable {
  const {
    actionId,
    attempt,
    attemptState,
    reason,
    newest,
    newestHash,
    orderId,
    orderState,
    ...rest
  } = row;
  if (actionId !== null && attempt !== null && attemptState !== null) {
    const of = { kind: 'attempt', actionId, attempt, state: attemptState, reason } as const;
    return { ...rest, of: { ...of, newest: newest ?? attempt, newestHash } };
  }
  if (orderId === null || orderState === null) throw new Error(`invoice ${row.hash} has no owner`);
  return { ...rest, of: { kind: 'order', orderId, state: orderState } };
}

export interface PayableMark {
  /** The payment hash. */
  readonly key: string;
  readonly mark: string;
  /** Null for an order. */
  readonly actionId: string | null;
}

/** A text per hash that is another one whenever {@link readPayable} would tell of another state. */
export async function readPayableMarks(
  pool: Pool,
  hashes: readonly string[],
): Promise<readonly PayableMark[]> {
  const { rows } = await pool.query<PayableMark>(
    `select i.hash as key, i.action_id as "actionId", ${MARK} as mark
     from invoices i
     left join attempts a on a.action_id = i.action_id and a.attempt = i.attempt
     left join orders o on o.id = i.order_id
     where i.hash = any($1::text[])`,
    [hashes],
  );
  return rows;
}
