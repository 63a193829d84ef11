import type { ClientBase, Pool } from 'pg';
import {
  LightningError,
  type HeldHtlcs,
  type OutgoingPayment,
  type PaymentFailure,
  type PaymentHash,
  type PaymentState,
  type Preimage,
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
  /** What has left the payer so far: less than the total while its set of HTLCs is not complete. */
  readonly amountMsat: Msat;
  readonly totalMsat: Msat;
  readonly feeMsat: Msat;
  readonly preimage: Preimage | null;
  readonly failure: PaymentFailure | null;
  readonly startedAt: Date;
  readonly expiryHeight: number | null;
}

export type NewPayment = Pick<PaymentRow, 'payer' | 'payee' | 'hash' | 'totalMsat' | 'feeMsat'>;

export interface NewHtlc extends HeldHtlcs {
  readonly amountMsat: Msat;
}

type Database = Pool | ClientBase;

const COLUMNS = `id, payer, payee, hash, state, amount_msat as "amountMsat", total_msat as "totalMsat",
  fee_msat as "feeMsat", preimage, failure, started_at as "startedAt", expiry_height as "expiryHeight"`;

/** Begins a payment of the node with its whole amount. Undefined when the balance is too low. */
export async function startPayment(
  tx: ClientBase,
  payment: NewPayment,
  expiryHeight: number,
): Promise<PaymentRow | undefined> {
  const { payer, totalMsat: amountMsat, feeMsat } = payment;
  if (!(await debit(tx, payer, amountMsat + feeMsat))) return undefined;
  return insert(tx, { ...payment, state: 'in_flight', amountMsat, failure: null, expiryHeight });
}

/** A payment whose HTLCs are still to be added. */
export function openPayment(tx: ClientBase, payment: NewPayment): Promise<PaymentRow> {
  const none = { amountMsat: ZERO_MSAT, failure: null, expiryHeight: null };
  return insert(tx, { ...payment, ...none, state: 'in_flight' });
}

/** Adds an HTLC to a payment to the node. Refused with `insufficient_balance`. */
export async function addHtlc(
  tx: ClientBase,
  { id, payer }: PaymentRow,
  { amountMsat, acceptHeight, expiryHeight }: NewHtlc,
): Promise<PaymentRow> {
  if (!(await debit(tx, payer, amountMsat))) {
    throw LightningError.refused('insufficient_balance', `the balance of ${payer} is too low`);
  }
  await tx.query(
    `insert into lightning_sim.htlcs (payment, n, amount_msat, accept_height, expiry_height)
     select $1, count(*) + 1, $2, $3, $4 from lightning_sim.htlcs where payment = $1`,
    [id, amountMsat, acceptHeight, expiryHeight],
  );
  const { rows } = await tx.query<PaymentRow>(
    `update lightning_sim.payments
        set amount_msat = amount_msat + $2, expiry_height = greatest(expiry_height, $3)
      where id = $1 and state = 'in_flight' returning ${COLUMNS}`,
    [id, amountMsat, expiryHeight],
  );
  return theRow(rows);
}

/** The lowest heights of a payment's HTLCs. */
export async function lowestHeights(tx: ClientBase, { id }: PaymentRow): Promise<HeldHtlcs> {
  const { rows } = await tx.query<HeldHtlcs>(
    `select min(accept_height) as "acceptHeight", min(expiry_height) as "expiryHeight"
       from lightning_sim.htlcs where payment = $1`,
    [id],
  );
  const [heights] = rows;
  if (heights === undefined) throw new Error(`payment ${id} has no HTLCs`);
  return heights;
}

/** A payment that failed before it left the payer. */
export function recordFailure(
  tx: ClientBase,
  payment: NewPayment,
  failure: PaymentFailure,
): Promise<PaymentRow> {
  const { totalMsat: amountMsat } = payment;
  return insert(tx, { ...payment, state: 'failed', amountMsat, failure, expiryHeight: null });
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
  failure: PaymentFailure,
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
      where payer = $1 and hash = $2 and not forgotten order by id desc limit 1`,
    [payer, hash],
  );
  return rows[0];
}

/** The payment that is held, hanging or not complete at an invoice. */
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

/** Incomplete for too long, or in flight when the first of its HTLCs has expired. */
export async function overduePayments(
  database: Database,
  { payee, payer, timeoutSeconds, limit }: OverdueQuery,
): Promise<PaymentRow[]> {
  const { rows } = await database.query<PaymentRow>(
    `select ${COLUMNS} from lightning_sim.payments
      where state = 'in_flight'
        and (payee = $1 and amount_msat < total_msat
               and started_at <= clock_timestamp() - $3 * interval '1 second'
          or payer = $2 and expiry_height <= (select block_height from lightning_sim.node))
      order by id limit $4`,
    [payee, payer, timeoutSeconds, limit],
  );
  return rows;
}

interface OverdueQuery {
  /** Whose incomplete sets. */
  readonly payee: string;
  /** Whose expired HTLCs. */
  readonly payer: string;
  readonly timeoutSeconds: number;
  readonly limit: number;
}

export function toOutgoingPayment(row: PaymentRow): OutgoingPayment {
  const { hash, state, id: index, startedAt, amountMsat, preimage, failure, expiryHeight } = row;
  return {
    hash,
    state,
    index,
    startedAt,
    amountMsat,
    feeMsat: state === 'failed' ? ZERO_MSAT : row.feeMsat,
    ...(preimage === null ? {} : { preimage }),
    ...(failure === null ? {} : { failure }),
    ...(state !== 'in_flight' || expiryHeight === null ? {} : { expiryHeight }),
  };
}

async function insert(
  tx: ClientBase,
  payment: NewPayment & Pick<PaymentRow, 'state' | 'amountMsat' | 'failure' | 'expiryHeight'>,
): Promise<PaymentRow> {
  const { payer, payee, hash, amountMsat, totalMsat, feeMsat, state, failure } = payment;
  const { rows } = await tx.query<PaymentRow>(
    `insert into lightning_sim.payments
       (payer, payee, hash, amount_msat, total_msat, fee_msat, state, failure, expiry_height)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning ${COLUMNS}`,
    [payer, payee, hash, amountMsat, totalMsat, feeMsat, state, failure, payment.expiryHeight],
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
