import type { Engine } from '../../../activities/engine.js';
import {
  applyToOwner,
  findInvoiceOwner,
  type InvoiceOwner,
} from '../../../activities/lightning/apply-invoice-fact.js';
import { invoiceFactSchema, type InvoiceFactMessage } from '../../shared/messages/payments.js';
import type { FactHandler } from './fact-handler.js';

/** What nodes say of invoices. */
export function invoiceFacts(
  engine: Engine,
): FactHandler<InvoiceFactMessage, InvoiceOwner | undefined> {
  return {
    stream: 'PAYMENTS',
    subjects: ['payments.invoice.>'],
    durable: 'invoice-facts',
    parse: (body) => invoiceFactSchema.parse(body),
    find: findInvoiceOwner,
    apply: (tx, { hash, state, receivedMsat }, owner) =>
      applyToOwner(engine, tx, owner, { hash, state, receivedMsat }, 'other'),
  };
}
