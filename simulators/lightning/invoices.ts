import {
  LightningError,
  type PaymentFailure,
  type PaymentHash,
  type Preimage,
} from '../../adapters/lightning/port.js';
import { ZERO_MSAT } from '../../domain/money.js';
import { hashOf } from './mint.js';
import {
  findInvoice,
  markCanceled,
  markSettled,
  overdueInvoices,
  type InvoiceRow,
} from './store/invoices.js';
import type { Change, NodeState } from './store/node-state.js';
import { NODE } from './store/parties.js';
import {
  failPayment,
  findInFlightTo,
  overduePayments,
  type PaymentRow,
  succeedPayment,
} from './store/payments.js';

/** The maximum number of invoices closed in one transaction. */
const BATCH = 100;

/** Idempotent. Refused: `unknown_preimage`, `not_held`, `already_canceled`. */
export async function settleInvoice(change: Change, preimage: Preimage): Promise<void> {
  const invoice = await findInvoice(change.tx, NODE, hashOf(preimage));
  switch (invoice?.state) {
    case undefined:
      throw LightningError.refused('unknown_preimage', 'no invoice has the hash of this preimage');
    case 'open':
      throw LightningError.refused('not_held', 'no payment is held for this invoice');
    case 'canceled':
      throw LightningError.refused('already_canceled', 'the invoice is canceled already');
    case 'settled':
      return;
    case 'held':
      await settleHeld(change, invoice, preimage);
  }
}

/** Idempotent. Refused: `unknown_hash`, `already_settled`. */
export async function cancelInvoice(change: Change, hash: PaymentHash): Promise<void> {
  const invoice = await findInvoice(change.tx, NODE, hash);
  switch (invoice?.state) {
    case undefined:
      throw LightningError.refused('unknown_hash', 'no invoice has this hash');
    case 'settled':
      throw LightningError.refused('already_settled', 'the invoice is settled already');
    case 'canceled':
      return;
    case 'open':
    case 'held':
      await cancelOpen(change, invoice, 'rejected');
  }
}

/**
 * Cancels expired invoices, those held for too long or too near to the expiry of an HTLC, sets of HTLCs that stayed incomplete, and
 * the node's payments whose HTLC has expired. Gives their number.
 */
export async function closeOverdue(state: NodeState, setTimeoutSeconds: number): Promise<number> {
  const overdue = { payee: NODE, payer: NODE, timeoutSeconds: setTimeoutSeconds };
  // Reads without the lock first: most of the time nothing is due.
  const [invoice] = await overdueInvoices(state.pool, NODE, 1);
  const [payment] = await overduePayments(state.pool, { ...overdue, limit: 1 });
  if (invoice === undefined && payment === undefined) return 0;
  return state.change(async (change) => {
    const invoices = await overdueInvoices(change.tx, NODE, BATCH);
    for (const expired of invoices) await cancelOpen(change, expired, 'timeout');
    const payments = await overduePayments(change.tx, { ...overdue, limit: BATCH });
    for (const late of payments) await giveUp(change, late);
    return invoices.length + payments.length;
  });
}

async function giveUp({ tx, emit }: Change, payment: PaymentRow): Promise<void> {
  const { payer, hash } = payment;
  await failPayment(tx, payment, 'timeout');
  // Wallets learn from their own look-ups.
  if (payer !== NODE) return;
  await emit({ type: 'payment', hash, state: 'failed', feeMsat: ZERO_MSAT, failure: 'timeout' });
}

async function settleHeld(
  { tx, emit }: Change,
  invoice: InvoiceRow,
  preimage: Preimage,
): Promise<void> {
  const { hash, receivedMsat } = invoice;
  const payment = await findInFlightTo(tx, NODE, hash);
  if (payment === undefined) throw new Error(`the held invoice ${hash} has no payment`);
  await succeedPayment(tx, { ...payment, payee: NODE }, preimage);
  await markSettled(tx, invoice, { receivedMsat, preimage });
  await emit({ type: 'invoice', hash, state: 'settled', receivedMsat });
}

async function cancelOpen(
  { tx, emit }: Change,
  invoice: InvoiceRow,
  failure: PaymentFailure,
): Promise<void> {
  const { hash } = invoice;
  const payment = await findInFlightTo(tx, NODE, hash);
  if (payment !== undefined) await failPayment(tx, payment, failure);
  await markCanceled(tx, invoice);
  await emit({ type: 'invoice', hash, state: 'canceled', receivedMsat: ZERO_MSAT });
}
