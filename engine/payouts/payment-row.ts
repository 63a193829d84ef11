import type { ClientBase } from 'pg';
import type { PaymentHash, Preimage } from '../../adapters/lightning/port.js';
import type { Msat } from '../../domain/money.js';
import { payableId } from '../ledger/legs.js';

export type OutgoingState = 'open' | 'succeeded' | 'failed';

/** What an attempt pays to the outside. Nothing but its state changes once it was sent. */
export interface PaymentRow {
  readonly hash: PaymentHash;
  readonly actionId: string;
  readonly attempt: number;
  /** Of a payee; null for a withdrawal. */
  readonly wallet: bigint | null;
  /** The public key of the node that pays it, and no other; null of an earlier release. */
  readonly node: string | null;
  readonly bolt11: string;
  readonly expiresAt: Date;
  /** Blocks that the payee asks for. */
  readonly payeeDelta: number;
  readonly amountMsat: Msat;
  /** The invoice leaves the amount to its payer. */
  readonly namesAmount: boolean;
  readonly maxFeeMsat: Msat;
  readonly maxHeight: number | null;
  readonly state: OutgoingState;
  /** Both once it has succeeded. */
  readonly feeMsat: Msat | null;
  readonly preimage: Preimage | null;
}

/** SQL: the columns of {@link PaymentRow}, of the payment `p`. */
export const PAYMENT_COLUMNS = `p.hash, p.action_id as "actionId", p.attempt, p.wallet, p.node, p.bolt11, p.expires_at as "expiresAt",
  p.payee_delta as "payeeDelta", p.amount_msat as "amountMsat", p.names_amount as "namesAmount", p.max_fee_msat as "maxFeeMsat",
  p.max_height as "maxHeight", p.state, p.fee_msat as "feeMsat", p.preimage`;

type Db = Pick<ClientBase, 'query'>;

export async function findPayment(db: Db, hash: PaymentHash): Promise<PaymentRow | undefined> {
  const { rows } = await db.query<PaymentRow>(
    `select ${PAYMENT_COLUMNS} from payments p where p.hash = $1`,
    [hash],
  );
  return rows[0];
}

/** What the attempt pays, or has paid; undefined where it pays nobody. Those that were given up before it are left out. */
export async function findPaymentOf(
  db: Db,
  ref: { readonly actionId: string; readonly attempt: number },
): Promise<PaymentRow | undefined> {
  const { rows } = await db.query<PaymentRow>(
    `select ${PAYMENT_COLUMNS} from payments p where p.action_id = $1 and p.attempt = $2
     order by p.state = 'failed', p.created_at desc limit 1`,
    [ref.actionId, ref.attempt],
  );
  return rows[0];
}

export type NewPayment = Omit<PaymentRow, 'state' | 'feeMsat' | 'preimage' | 'maxHeight'> & {
  /** Where the payee's wallet says whether it was paid. */
  readonly verify?: string | undefined;
};

/** Its hash becomes the attempt's, for ever. False where the hash has an owner already. */
export async function insertPayment(tx: ClientBase, payment: NewPayment): Promise<boolean> {
  const { hash, actionId, attempt, wallet, bolt11, expiresAt } = payment;
  const { rowCount } = await tx.query(
    `with taken as (
       insert into payment_hashes (hash, payable) values ($1, $11) on conflict do nothing returning hash)
     insert into payments (hash, action_id, attempt, wallet, bolt11, expires_at, payee_delta, amount_msat, names_amount, max_fee_msat, node, verify)
     select hash, $2::uuid, $3::integer, $4::bigint, $5, $6::timestamptz, $7::integer, $8::bigint, $9::boolean, $10::bigint, $12::text, $13::text
     from taken`,
    [
      ...[hash, actionId, attempt, wallet, bolt11, expiresAt, payment.payeeDelta],
      ...[payment.amountMsat, payment.namesAmount, payment.maxFeeMsat],
      ...[payableId({ actionId, attempt }), payment.node, payment.verify ?? null],
    ],
  );
  return rowCount === 1;
}
