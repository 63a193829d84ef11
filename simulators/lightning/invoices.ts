import { LightningError, type PaymentHash, type Preimage } from '../../adapters/lightning/port.js';
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
import { failPayment, findInFlightTo, succeedPayment } from './store/payments.js';

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
      await cancelOpen(change, invoice, 'rejected by the destination');
  }
}

/** Cancels expired invoices, and those held for too long. Gives their number. */
export async function closeOverdue(state: NodeState): Promise<number> {
  // Reads without the lock first: most of the time nothing is due.
  const [due] = await overdueInvoices(state.pool, NODE, 1);
  if (due === undefined) return 0;
  return state.change(async (change) => {
    const overdue = await overdueInvoices(change.tx, NODE, BATCH);
    for (const invoice of overdue) await cancelOpen(change, invoice, 'the payment timed out');
    return overdue.length;
  });
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
  failure: string,
): Promise<void> {
  const { hash } = invoice;
  const payment = await findInFlightTo(tx, NODE, hash);
  if (payment !== undefined) await failPayment(tx, payment, failure);
  await markCanceled(tx, invoice);
  await emit({ type: 'invoice', hash, state: 'canceled', receivedMsat: ZERO_MSAT });
}
