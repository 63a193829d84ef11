import { LightningError } from '../../adapters/lightning/port.js';
import { toMsat, ZERO_MSAT, type Msat } from '../../domain/money.js';
import { readInvoice } from './mint.js';
import { CLTV_PADDING, REFUSES_BEFORE_EXPIRY } from './settings.js';
import { findInvoice, markHeld, markSettled, type InvoiceRow } from './store/invoices.js';
import type { Change } from './store/node-state.js';
import { NODE } from './store/parties.js';
import {
  addHtlc,
  findInFlightTo,
  findPayment,
  lowestHeights,
  openPayment,
  succeedPayment,
  type PaymentRow,
} from './store/payments.js';

export interface WalletPayment {
  readonly wallet: string;
  readonly bolt11: string;
  /** Default: the invoice's amount. More is accepted. */
  readonly amountMsat?: Msat;
  /** The amount of this HTLC. Default: all that is missing of the set. */
  readonly partMsat?: Msat;
  /** Blocks until the HTLC expires. Default: what the invoice asks for, and a padding. */
  readonly cltvDelta?: number;
}

/**
 * A wallet pays an invoice of the node, with one HTLC or a part of a set. When the set is complete, the invoice is settled at once, or
 * held. A call of the same wallet for a complete set gives the existing payment, unless it failed. Refused: `bad_request`,
 * `unknown_hash`, `invoice_expired`, `already_canceled`, `already_settled`, `invoice_unpayable`, `insufficient_balance`.
 */
export async function payFromWallet(
  change: Change,
  request: WalletPayment,
  holdTimeoutSeconds: number,
): Promise<PaymentRow> {
  const { wallet, bolt11, amountMsat } = request;
  const { hash } = readInvoice(bolt11);
  const earlier = await findPayment(change.tx, wallet, hash);
  const isOpen = earlier?.state === 'in_flight' && earlier.amountMsat < earlier.totalMsat;
  if (earlier !== undefined && earlier.state !== 'failed' && !isOpen) return earlier;
  const invoice = await payableInvoice(change, hash);
  const set = isOpen ? earlier : await openSet(change, invoice, wallet, amountMsat);
  if (amountMsat !== undefined && amountMsat !== set.totalMsat) {
    throw unpayable('another total than that of the set');
  }
  const missing = set.totalMsat - set.amountMsat;
  const part = request.partMsat ?? toMsat(missing);
  if (part === 0n || part > missing) throw unpayable('the part exceeds what is missing of the set');
  const payment = await addHtlc(change.tx, set, {
    amountMsat: part,
    acceptHeight: change.height,
    expiryHeight: expiryOf(change, invoice, request),
  });
  return payment.amountMsat < payment.totalMsat
    ? payment
    : complete(change, invoice, payment, holdTimeoutSeconds);
}

async function payableInvoice({ tx }: Change, hash: string): Promise<InvoiceRow> {
  const invoice = await findInvoice(tx, NODE, hash);
  switch (invoice?.state) {
    case undefined:
      throw LightningError.refused('unknown_hash', 'the node has no such invoice');
    case 'canceled':
      throw LightningError.refused('already_canceled', 'the invoice was canceled');
    case 'settled':
      throw LightningError.refused('already_settled', 'the invoice was paid by another wallet');
    case 'held':
      throw unpayable('a payment of another wallet is held');
    case 'open':
      // The node cancels it at its next sweep.
      if (invoice.expiresAt.getTime() > Date.now()) return invoice;
      throw LightningError.refused('invoice_expired', 'the invoice has expired');
  }
}

/** The total is what the first HTLC says. There is no upper bound, as on lnd. */
async function openSet(
  { tx }: Change,
  { hash, amountMsat }: InvoiceRow,
  wallet: string,
  offered: Msat | undefined,
): Promise<PaymentRow> {
  const totalMsat = offered ?? amountMsat;
  if (totalMsat < amountMsat) throw unpayable('less than the amount of the invoice');
  if ((await findInFlightTo(tx, NODE, hash)) !== undefined) {
    throw unpayable('a set of another wallet is not complete yet');
  }
  return openPayment(tx, { payer: wallet, payee: NODE, hash, totalMsat, feeMsat: ZERO_MSAT });
}

function expiryOf(
  { height }: Change,
  { minFinalCltv }: InvoiceRow,
  { cltvDelta = minFinalCltv + CLTV_PADDING }: WalletPayment,
): number {
  if (cltvDelta < minFinalCltv || cltvDelta < REFUSES_BEFORE_EXPIRY) {
    throw unpayable('the HTLC expires too soon');
  }
  return height + cltvDelta;
}

async function complete(
  { tx, emit }: Change,
  invoice: InvoiceRow,
  payment: PaymentRow,
  timeoutSeconds: number,
): Promise<PaymentRow> {
  const { hash, preimage } = invoice;
  const { amountMsat: receivedMsat } = payment;
  if (preimage === null) {
    const heights = await lowestHeights(tx, payment);
    await markHeld(tx, invoice, { ...heights, receivedMsat, timeoutSeconds });
    await emit({ type: 'invoice', hash, state: 'held', receivedMsat });
    return payment;
  }
  await markSettled(tx, invoice, { receivedMsat, preimage });
  await emit({ type: 'invoice', hash, state: 'settled', receivedMsat });
  return succeedPayment(tx, { ...payment, payee: NODE }, preimage);
}

function unpayable(message: string): LightningError {
  return LightningError.refused('invoice_unpayable', message);
}
