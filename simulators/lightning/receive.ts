import { LightningError } from '../../adapters/lightning/port.js';
import { ZERO_MSAT, type Msat } from '../../domain/money.js';
import { findInvoice, markHeld, markSettled, type InvoiceRow } from './store/invoices.js';
import type { Change } from './store/node-state.js';
import { NODE } from './store/parties.js';
import { findPayment, startPayment, succeedPayment, type PaymentRow } from './store/payments.js';
import { readInvoice } from './mint.js';

export interface WalletPayment {
  readonly wallet: string;
  readonly bolt11: string;
  /** Default: the invoice's amount. Up to twice the amount is accepted. */
  readonly amountMsat?: Msat;
}

/**
 * A wallet pays an invoice of the node: settled at once, or held. A second call from the same wallet gives
 * the existing payment, unless it failed. Refused: `bad_request`, `unknown_hash`, `invoice_expired`,
 * `already_canceled`, `already_settled`, `invoice_unpayable`, `insufficient_balance`.
 */
export async function payFromWallet(
  change: Change,
  { wallet, bolt11, amountMsat }: WalletPayment,
  holdTimeoutSeconds: number,
): Promise<PaymentRow> {
  const { hash } = readInvoice(bolt11);
  const earlier = await findPayment(change.tx, wallet, hash);
  if (earlier !== undefined && earlier.state !== 'failed') return earlier;
  const invoice = await payableInvoice(change, hash);
  const amount = amountMsat ?? invoice.amountMsat;
  checkAmount(invoice, amount);
  const payment = await startPayment(change.tx, {
    payer: wallet,
    payee: NODE,
    hash,
    amountMsat: amount,
    feeMsat: ZERO_MSAT,
  });
  return arrive(change, invoice, payment, holdTimeoutSeconds);
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
      throw LightningError.refused('invoice_unpayable', 'a payment of another wallet is held');
    case 'open':
      // The node cancels it at its next sweep.
      if (invoice.expiresAt.getTime() > Date.now()) return invoice;
      throw LightningError.refused('invoice_expired', 'the invoice has expired');
  }
}

function checkAmount({ amountMsat }: InvoiceRow, offered: Msat): void {
  if (offered < amountMsat) {
    throw LightningError.refused('invoice_unpayable', 'less than the amount of the invoice');
  }
  if (offered > 2n * amountMsat) {
    throw LightningError.refused('invoice_unpayable', 'more than twice the amount of the invoice');
  }
}

async function arrive(
  { tx, emit }: Change,
  invoice: InvoiceRow,
  payment: PaymentRow,
  timeoutSeconds: number,
): Promise<PaymentRow> {
  const { hash, preimage } = invoice;
  const { amountMsat: receivedMsat } = payment;
  if (preimage === null) {
    await markHeld(tx, invoice, { receivedMsat, timeoutSeconds });
    await emit({ type: 'invoice', hash, state: 'held', receivedMsat });
    return payment;
  }
  await markSettled(tx, invoice, { receivedMsat, preimage });
  await emit({ type: 'invoice', hash, state: 'settled', receivedMsat });
  return succeedPayment(tx, { ...payment, payee: NODE }, preimage);
}
