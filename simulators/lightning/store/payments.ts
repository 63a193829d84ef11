import type { ClientBase, Pool } from 'pg';
import type {
  OutgoingPayment,
  PaymentHash,
  PaymentState,
  Preimage,
} from '../../../adapters/lightning/port.js';
import { ZERO_MSAT, type Msat } from '../../../domain/money.js';
import { credit, debit, NETWORK } from './parties.js';

/** A payment. In flight, its money has left the payer's balance and is in no other one yet. */
export interface PaymentRow {
  readonly id: bigint;
  readonly payer: string;
  readonly payee: string | null;
  readonly hash: PaymentHash;
  readonly state: PaymentState;
  readonly amountMsat: Msat;
  readonly feeMsat: Msat;
  readonly preimage: Preimage | null;
  readonly failure: string | null;
}

export type NewPayment = Pick<PaymentRow, 'payer' | 'payee' | 'hash' | 'amountMsat' | 'feeMsat'>;

type Database = Pool | ClientBase;

const COLUMNS = `id, payer, payee, hash, state, amount_msat as "amountMsat", fee_msat as "feeMsat",
  preimage, failure`;

/** Refused with `insufficient_balance`. */
export async function startPayment(tx: ClientBase, payment: NewPayment): Promise<PaymentRow> {
  await debit(tx, payment.payer, payment.amountMsat + payment.feeMsat);
  return insert(tx, { ...payment, state: 'in_flight', failure: null });
}

/** A payment that failed before it left the payer. */
export async function recordFailure(
  tx: ClientBase,
  payment: NewPayment,
  failure: string,
): Promise<PaymentRow> {
  return insert(tx, { ...payment, state: 'failed', failure });
}

export async function succeedPayment(
  tx: ClientBase,
  payment: PaymentRow & { readonly payee: string },
  preimage: Preimage,
): Promise<PaymentRow> {
  await credit(tx, payment.payee, payment.amountMsat);
  if (payment.feeMsat > 0n) await credit(tx, NETWORK, payment.feeMsat);
  return end(tx, payment, { state: 'succeeded', preimage, failure: null });
}

export async function failPayment(
  tx: ClientBase,
  payment: PaymentRow,
  failure: string,
): Promise<PaymentRow> {
  await credit(tx, payment.payer, payment.amountMsat + payment.feeMsat);
  return end(tx, payment, { state: 'failed', preimage: null, failure });
}

/** The payer's last payment for this hash. */
export async function findPayment(
  database: Database,
  payer: string,
  hash: PaymentHash,
): Promise<PaymentRow | undefined> {
  const { rows } = await database.query<PaymentRow>(
    `select ${COLUMNS} from lightning_sim.payments
      where payer = $1 and hash = $2 order by id desc limit 1`,
    [payer, hash],
  );
  return rows[0];
}

/** The payment that is held or hanging at an invoice. */
export async function findInFlightTo(
  database: Database,
  payee: string,
  hash: PaymentHash,
): Promise<PaymentRow | undefined> {
  const { rows } = await database.query<PaymentRow>(
    `select ${COLUMNS} from lightning_sim.payments
      where payee = $1 and hash = $2 and state = 'in_flight'`,
    [payee, hash],
  );
  return rows[0];
}

export function toOutgoingPayment(row: PaymentRow): OutgoingPayment {
  return {
    hash: row.hash,
    state: row.state,
    amountMsat: row.amountMsat,
    feeMsat: row.state === 'failed' ? ZERO_MSAT : row.feeMsat,
    ...(row.preimage === null ? {} : { preimage: row.preimage }),
    ...(row.failure === null ? {} : { failure: row.failure }),
  };
}

async function insert(
  tx: ClientBase,
  payment: NewPayment & Pick<PaymentRow, 'state' | 'failure'>,
): Promise<PaymentRow> {
  const { rows } = await tx.query<PaymentRow>(
    `insert into lightning_sim.payments (payer, payee, hash, amount_msat, fee_msat, state, failure)
     values ($1, $2, $3, $4, $5, $6, $7) returning ${COLUMNS}`,
    [
      payment.payer,
      payment.payee,
      payment.hash,
      payment.amountMsat,
      payment.feeMsat,
      payment.state,
      payment.failure,
    ],
  );
  return theRow(rows);
}

async function end(
  tx: ClientBase,
  { id }: PaymentRow,
  { state, preimage, failure }: Pick<PaymentRow, 'state' | 'preimage' | 'failure'>,
): Promise<PaymentRow> {
  const { rows } = await tx.query<PaymentRow>(
    `update lightning_sim.payments set state = $2, preimage = $3, failure = $4
      where id = $1 and state = 'in_flight' returning ${COLUMNS}`,
    [id, state, preimage, failure],
  );
  return theRow(rows);
}

function theRow(rows: readonly PaymentRow[]): PaymentRow {
  const [row] = rows;
  if (row === undefined) throw new Error('a payment that was not in flight was ended');
  return row;
}
