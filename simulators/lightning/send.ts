import {
  LightningError,
  type PaymentHash,
  type PayInvoice,
} from '../../adapters/lightning/port.js';
import { ZERO_MSAT } from '../../domain/money.js';
import { readInvoice } from './mint.js';
import { routingFeeOf, type NodeSettings } from './settings.js';
import {
  findByText,
  findInvoice,
  markSettled,
  setOutcome,
  type InvoiceRow,
  type Outcome,
} from './store/invoices.js';
import type { Change } from './store/node-state.js';
import { NODE } from './store/parties.js';
import {
  failPayment,
  findInFlightTo,
  findPayment,
  recordFailure,
  startPayment,
  succeedPayment,
  type NewPayment,
  type PaymentRow,
} from './store/payments.js';

/**
 * The node pays an invoice of a wallet. A second call gives the existing payment, in any state.
 * Refused, with nothing recorded: `bad_request`, `invoice_expired`, `invoice_unpayable`,
 * `insufficient_balance`.
 */
export async function payFromNode(
  change: Change,
  { bolt11, maxFeeMsat }: PayInvoice,
  settings: NodeSettings,
): Promise<PaymentRow> {
  const { hash, amountMsat, expiresAt } = readInvoice(bolt11);
  const earlier = await findPayment(change.tx, NODE, hash);
  if (earlier !== undefined) return earlier;
  if (expiresAt.getTime() <= Date.now()) {
    throw LightningError.refused('invoice_expired', 'the invoice has expired');
  }
  const invoice = await findByText(change.tx, hash, bolt11);
  if (invoice?.payee === NODE) {
    throw LightningError.refused('invoice_unpayable', 'a node does not pay itself');
  }
  const feeMsat = routingFeeOf(amountMsat, settings);
  const payment = { payer: NODE, payee: invoice?.payee ?? null, hash, amountMsat, feeMsat };
  const failure = failureBeforeStart(invoice, feeMsat > maxFeeMsat);
  if (failure !== undefined) return failAtOnce(change, payment, failure);
  const started = await startPayment(change.tx, payment);
  return invoice === undefined ? started : arrive(change, invoice, started);
}

/** Sets the outcome of payments to a wallet's invoice, and ends the one that hangs. */
export async function decideOutcome(
  change: Change,
  key: { readonly payee: string; readonly hash: PaymentHash },
  outcome: Outcome,
): Promise<boolean> {
  await setOutcome(change.tx, key, outcome);
  const invoice = await findInvoice(change.tx, key.payee, key.hash);
  if (invoice === undefined) return false;
  const payment = await findInFlightTo(change.tx, key.payee, key.hash);
  if (payment !== undefined) await arrive(change, invoice, payment);
  return true;
}

function failureBeforeStart(
  invoice: InvoiceRow | undefined,
  tooExpensive: boolean,
): string | undefined {
  if (invoice === undefined) return 'no route to the payee';
  return tooExpensive ? 'no route within the fee limit' : undefined;
}

async function arrive(
  { tx, emit }: Change,
  invoice: InvoiceRow,
  payment: PaymentRow,
): Promise<PaymentRow> {
  const { payee, hash, outcome, preimage } = invoice;
  const { amountMsat: receivedMsat, feeMsat } = payment;
  if (outcome === 'hang') return payment;
  if (outcome === 'fail' || preimage === null) {
    const failure = 'rejected by the destination';
    await emit({ type: 'payment', hash, state: 'failed', feeMsat: ZERO_MSAT, failure });
    return failPayment(tx, payment, failure);
  }
  await markSettled(tx, invoice, { receivedMsat, preimage });
  await emit({ type: 'payment', hash, state: 'succeeded', feeMsat, preimage });
  return succeedPayment(tx, { ...payment, payee }, preimage);
}

async function failAtOnce(
  { tx, emit }: Change,
  payment: NewPayment,
  failure: string,
): Promise<PaymentRow> {
  const { hash } = payment;
  await emit({ type: 'payment', hash, state: 'failed', feeMsat: ZERO_MSAT, failure });
  return recordFailure(tx, payment, failure);
}
