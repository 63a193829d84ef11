import type { ClientBase } from 'pg';
import type { PaymentHash } from '../../adapters/lightning/port.js';
import type { NodeCallKind } from '../../domain/invoices/node-calls.js';
import type { ActionRef } from '../actions/contract.js';
import { cancelAttemptInvoice, forwardAttempt } from '../actions/call-node.js';
import { createAttemptInvoice, findWanted } from '../actions/create-invoice.js';
import { applyPaymentUpdate } from '../actions/outgoing/apply-payment.js';
import { wrapAttempt } from '../actions/wrapped/wrap-attempt.js';
import { countingTypeFailures } from '../actions/type-failures.js';
import { type EngineContext, transact } from '../context.js';
import { cancelAtNode, closeAtNode, settleAtNode } from '../invoices/at-node.js';
import { findInvoice, type OwnedInvoice } from '../invoices/find-invoice.js';
import { invoicePreimage } from '../invoices/open-invoice.js';
import type { InvoiceUpdate } from '../invoices/record-update.js';
import { findPaymentOf } from '../payouts/payment-row.js';
import { readKnown } from '../invoices/read-known.js';
import { sendOrAsk } from '../payouts/send-payment.js';
import { payableId } from '../ledger/legs.js';
import { closeInvoice, createOrderInvoice } from '../transmissions/call-node.js';
import type { ChangedBy } from '../transition.js';
import { applyToPayable, readPaidFor } from './apply-invoice-update.js';

/**
 * Makes a call to the node for an invoice of ours and applies what follows. Any number of processes may make the same one: the node
 * does it once. Throws LightningError while the outcome is not known: then it is made again.
 */
export async function makeCall(
  engine: EngineContext,
  kind: NodeCallKind,
  hash: PaymentHash,
  by: ChangedBy = 'other',
): Promise<void> {
  if (kind === 'wrap_invoice') return wrap(engine, hash, by);
  if (kind === 'send_payment') return sendPayment(engine, hash, by);
  const invoice = await findInvoice(engine.pool, hash);
  // A call for a hash that is not ours, or is no more, has nothing to do.
  if (invoice === undefined) return;
  if (kind === 'create_invoice') return create(engine, invoice, by);
  const { payable } = invoice;
  if (!('orderId' in payable)) {
    // The rule of what may be cancelled is there: nothing that was sent may still arrive.
    if (kind === 'cancel_invoice') {
      return countingTypeFailures(engine, () => cancelAttemptInvoice(engine, payable, invoice, by));
    }
    if (invoice.wraps && (kind === 'settle_invoice' || invoice.paidOut)) {
      return countingTypeFailures(engine, () => forwardAttempt(engine, payable, invoice, by));
    }
  }
  const [update, paidFor] = await Promise.all([
    invoice.gateway === null
      ? updateBy(engine, kind, invoice)
      : closeInvoice(engine, invoice, true),
    readPaidFor(engine.pool, invoice.payable),
  ]);
  // A gateway lets it expire: the order's workflow looks again then.
  if (update === undefined) return;
  await countingTypeFailures(engine, () =>
    transact(engine, (tx) => applyToPayable(engine, tx, paidFor, update, by)),
  );
}

/** What a call for an attempt is about: the hash of its invoice, or of what it pays. */
export async function subjectOf(
  db: Pick<ClientBase, 'query'>,
  kind: NodeCallKind,
  ref: ActionRef,
): Promise<PaymentHash | undefined> {
  if (kind === 'wrap_invoice') return payableId(ref);
  const found = kind === 'send_payment' ? await findPaymentOf(db, ref) : await readKnown(db, ref);
  return found?.hash;
}

async function sendPayment(engine: EngineContext, hash: PaymentHash, by: ChangedBy): Promise<void> {
  const update = await sendOrAsk(engine, hash);
  if (update === undefined) return;
  await transact(engine, (tx) => applyPaymentUpdate(engine, tx, update, { by }));
}

/** `payable` as {@link payableId} spells it. */
async function wrap(engine: EngineContext, payable: string, by: ChangedBy): Promise<void> {
  const [, actionId, attempt] = payable.split('/');
  if (actionId === undefined || attempt === undefined) throw new Error(`no attempt ${payable}`);
  await wrapAttempt(engine, { actionId, attempt: Number(attempt) }, by);
}

async function create(engine: EngineContext, invoice: OwnedInvoice, by: ChangedBy): Promise<void> {
  const { payable } = invoice;
  if ('orderId' in payable) return createOrderInvoice(engine, payable.orderId, invoice.n);
  const wanted = await findWanted(engine.pool, payable);
  if (wanted !== undefined) {
    return countingTypeFailures(engine, () => createAttemptInvoice(engine, payable, wanted, by));
  }
  // Nobody waits for it any more, and it may have been created by a call whose answer was lost.
  if (invoice.shown === null) await cancelAtNode(engine, invoice);
}

function updateBy(
  engine: EngineContext,
  kind: Exclude<NodeCallKind, 'create_invoice' | 'send_payment' | 'wrap_invoice'>,
  invoice: OwnedInvoice,
): Promise<InvoiceUpdate | undefined> {
  switch (kind) {
    case 'settle_invoice':
      return settleAtNode(engine, invoice, invoicePreimage(engine, invoice));
    case 'cancel_invoice':
      return cancelAtNode(engine, invoice);
    case 'look_up_invoice':
      return closeAtNode(engine, invoice);
  }
}
