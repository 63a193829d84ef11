import type { Engine } from '../../../activities/engine.js';
import { applyInvoiceFact } from '../../../activities/lightning/apply-invoice-fact.js';
import { invoiceFactSchema, type InvoiceFactMessage } from '../../shared/messages/payments.js';
import type { FactHandler } from './fact-handler.js';

/** What nodes say of invoices. */
export function invoiceFacts(engine: Engine): FactHandler<InvoiceFactMessage> {
  return {
    stream: 'PAYMENTS',
    subjects: ['payments.invoice.>'],
    durable: 'invoice-facts',
    parse: (body) => invoiceFactSchema.parse(body),
    apply: (tx, { hash, state, receivedMsat }) =>
      applyInvoiceFact(engine, tx, { hash, state, receivedMsat }),
  };
}
