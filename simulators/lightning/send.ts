import {
  type DecodedInvoice,
  LightningError,
  type PaymentFailure,
  type PaymentHash,
  type SendPayment,
} from '../../adapters/lightning/port.js';
import type { Outcome } from '../../adapters/lightning/simulator-client/wallet-protocol.js';
import { ZERO_MSAT } from '../../domain/money.js';
import { readInvoice } from './mint.js';
import { amountToSend, findRoute } from './routes.js';
import { CLTV_PADDING, type NodeSettings } from './settings.js';
import {
  findByText,
  findInvoice,
  markSettled,
  setOutcome,
  type InvoiceRow,
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

interface Sender extends NodeSettings {
  readonly publicKey: string;
}

/**
 * The node pays an invoice of a wallet, unless a payment of that hash is in flight or has succeeded: then it is refused with
 * `already_exists`. Refused before, with nothing recorded: `hash_mismatch`, `bad_request`, `invoice_expired`,
 * `height_limit_too_low`, `self_payment`. All else is a payment that fails.
 */
export async function payFromNode(
  change: Change,
  request: SendPayment,
  sender: Sender,
): Promise<PaymentRow> {
  const { bolt11, maxFeeMsat, maxExpiryHeight } = request;
  const decoded = readInvoice(bolt11);
  const { hash, minFinalCltv } = decoded;
  const amountMsat = amountToSend(decoded, request.amountMsat);
  checkRequest(change, request, decoded, sender);
  const earlier = await findPayment(change.tx, NODE, hash);
  if (earlier !== undefined && earlier.state !== 'failed') {
    throw LightningError.refused('already_exists', `the payment is ${earlier.state}`);
  }
  const invoice = await findByText(change.tx, hash, bolt11);
  const payment = { payer: NODE, payee: null, hash, totalMsat: amountMsat, feeMsat: ZERO_MSAT };
  if (invoice === undefined) return failAtOnce(change, payment, 'no_route');
  const to = { payee: invoice.payee, minFinalCltv };
  const limits = {
    ...{ amountMsat, maxFeeMsat },
    ...(maxExpiryHeight === undefined ? {} : { maxExpiryHeight }),
  };
  const route = await findRoute(change, to, limits, sender);
  if (route === undefined) return failAtOnce(change, { ...payment, ...to }, 'no_route');
  // Paid before, by a payment that the node has no record of any more.
  if (invoice.state !== 'open') return failAtOnce(change, { ...payment, ...to }, 'rejected');
  const { feeMsat, expiryHeight } = route;
  const started = await startPayment(change.tx, { ...payment, ...to, feeMsat }, expiryHeight);
  if (started === undefined) return failAtOnce(change, { ...payment, ...to }, 'insufficient');
  return arrive(change, invoice, started);
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

/** In the order of lnd: an expired invoice is refused whatever is recorded for it. */
function checkRequest(
  { height }: Change,
  { expectedHash, maxExpiryHeight }: SendPayment,
  { hash, payee, expiresAt, minFinalCltv }: DecodedInvoice,
  { publicKey }: Sender,
): void {
  if (hash !== expectedHash) {
    throw LightningError.refused('hash_mismatch', `the invoice has the hash ${hash}`);
  }
  if (expiresAt.getTime() <= Date.now()) {
    throw LightningError.refused('invoice_expired', 'the invoice has expired');
  }
  if (maxExpiryHeight !== undefined && maxExpiryHeight - height <= minFinalCltv + CLTV_PADDING) {
    throw LightningError.refused('height_limit_too_low', 'the payee asks for more blocks');
  }
  if (payee === publicKey) {
    throw LightningError.refused('self_payment', 'a node does not pay itself');
  }
}

const FAILURES = {
  fail: 'rejected',
  timeout: 'timeout',
  error: 'error',
} as const satisfies Partial<Record<Outcome, PaymentFailure>>;

async function arrive(
  { tx, emit }: Change,
  invoice: InvoiceRow,
  payment: PaymentRow,
): Promise<PaymentRow> {
  const { payee, hash, outcome, preimage } = invoice;
  const { amountMsat: receivedMsat, feeMsat } = payment;
  if (outcome === 'hang') return payment;
  if (outcome !== 'succeed' || preimage === null) {
    const failure = outcome === 'succeed' ? 'rejected' : FAILURES[outcome];
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
  failure: PaymentFailure,
): Promise<PaymentRow> {
  const { hash } = payment;
  await emit({ type: 'payment', hash, state: 'failed', feeMsat: ZERO_MSAT, failure });
  return recordFailure(tx, payment, failure);
}
