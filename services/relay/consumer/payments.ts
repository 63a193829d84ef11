import {
  findAwaitingPayment,
  type AttemptAwaitingPayment,
  payAttempts,
} from '../../../engine/actions/flows/pay-attempts.js';
import {
  applyToPayable,
  findPayable,
  type Payable,
} from '../../../engine/incoming/apply-invoice-update.js';
import type { InvoiceUpdate } from '../../../engine/invoices/record-update.js';
import { invoiceUpdateSchema, type InvoiceUpdateMessage } from '../../shared/messages/payments.js';
import type { BatchHandler, MessageHandler } from './message-handler.js';

/** Payments of attempts that wait for nothing else. Whatever asks for more holds locks for longer, in an order of its own. */
const company: BatchHandler<InvoiceUpdateMessage, AttemptAwaitingPayment> = {
  find: async (db, facts) => {
    const hashes = facts.map(({ hash }) => hash);
    const payable = await findAwaitingPayment(db, hashes);
    return facts.map(({ hash, state }, n) => {
      const isFirst = hashes.indexOf(hash) === n;
      return state === 'settled' && isFirst ? payable[n] : undefined;
    });
  },
  apply: (tx, companions) =>
    payAttempts(
      tx,
      companions.map(({ fact, about }) => ({ ...about, update: heard(fact) })),
    ),
};

/** What nodes say of invoices. */
export const invoiceUpdates: MessageHandler<
  InvoiceUpdateMessage,
  Payable | undefined,
  AttemptAwaitingPayment
> = {
  stream: 'PAYMENTS',
  subjects: ['payments.invoice.>'],
  durable: 'invoice-facts',
  parse: (body) => invoiceUpdateSchema.parse(body),
  find: findPayable,
  apply: (tx, fact, payable) => applyToPayable(tx, payable, heard(fact), 'other'),
  company,
};

function heard({ hash, state, receivedMsat }: InvoiceUpdateMessage): InvoiceUpdate {
  return { hash, state, receivedMsat };
}
