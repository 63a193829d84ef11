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
  /** Default: what the invoice asks for. Up to twice that is taken. */
  readonly amountMsat?: Msat;
}

/**
 * A wallet pays an invoice of the node: settled at once, or held. Again from the same wallet: the
 * payment there is, unless it failed. Refused: `bad_request`, `unknown_hash`, `invoice_expired`,
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
      throw LightningError.refused('unknown_hash', 'the node knows no such invoice');
    case 'canceled':
      throw LightningError.refused('already_canceled', 'the invoice was canceled');
    case 'settled':
      throw LightningError.refused('already_settled', 'the invoice was paid by somebody else');
    case 'held':
      throw LightningError.refused('invoice_unpayable', 'a payment of somebody else is held');
    case 'open':
      // The node has not come round to canceling it yet.
      if (invoice.expiresAt.getTime() > Date.now()) return invoice;
      throw LightningError.refused('invoice_expired', 'the invoice has expired');
  }
}

function checkAmount({ amountMsat }: InvoiceRow, offered: Msat): void {
  if (offered < amountMsat) {
    throw LightningError.refused('invoice_unpayable', 'less than the invoice asks for');
  }
  if (offered > 2n * amountMsat) {
    throw LightningError.refused('invoice_unpayable', 'more than twice what the invoice asks for');
  }
}

async function arrive(
  { tx, tell }: Change,
  invoice: InvoiceRow,
  payment: PaymentRow,
  timeoutSeconds: number,
): Promise<PaymentRow> {
  const { hash, preimage } = invoice;
  const { amountMsat: receivedMsat } = payment;
  if (preimage === null) {
    await markHeld(tx, invoice, { receivedMsat, timeoutSeconds });
    await tell({ type: 'invoice', hash, state: 'held', receivedMsat });
    return payment;
  }
  await markSettled(tx, invoice, { receivedMsat, preimage });
  await tell({ type: 'invoice', hash, state: 'settled', receivedMsat });
  return succeedPayment(tx, { ...payment, payee: NODE }, preimage);
}
