import {
  findAwaitingPayment,
  payAttempts,
  type Payment,
} from '../../../engine/actions/flows/pay-attempts.js';
import {
  applyToPayable,
  findPayable,
  type Payable,
} from '../../../engine/incoming/apply-invoice-update.js';
import type { InvoiceUpdate } from '../../../engine/invoices/record-update.js';
import { invoiceUpdateSchema, type InvoiceUpdateMessage } from '../../shared/messages/payments.js';
import type { BatchItem, MessageHandler } from './message-handler.js';

type Item = BatchItem<InvoiceUpdateMessage, Payable | undefined>;

/** What nodes report of invoices. */
export const invoiceUpdates: MessageHandler<InvoiceUpdateMessage, Payable | undefined> = {
  stream: 'PAYMENTS',
  subjects: ['payments.invoice.>'],
  durable: 'invoice-facts',
  parse: (body) => invoiceUpdateSchema.parse(body),
  findTarget: findPayable,
  /**
   * Payments of attempts that wait for nothing else, one of each invoice. Any other update needs more locks, in an order of its
   * own, and holds them for longer.
   */
  findBatchable: async (db, updates) => {
    const hashes = updates.map(({ hash }) => hash);
    const awaiting = await findAwaitingPayment(db, hashes);
    return updates.map(({ hash, state }, n) => {
      const attempt = awaiting[n];
      const isFirst = hashes.indexOf(hash) === n;
      if (attempt === undefined || state !== 'settled' || !isFirst) return undefined;
      return { kind: 'attempt', ...attempt };
    });
  },
  apply: async (tx, items) => {
    const [first, ...others] = items;
    if (first === undefined) return [];
    if (others.length > 0) return payAttempts(tx, items.map(paymentOf));
    return [await applyToPayable(tx, first.target, updateOf(first), 'other')];
  },
};

function updateOf({ body: { hash, state, receivedMsat } }: Item): InvoiceUpdate {
  return { hash, state, receivedMsat };
}

function paymentOf(item: Item): Payment {
  const { target } = item;
  if (target?.kind !== 'attempt') throw new Error('only payments of attempts share a transaction');
  return { subject: target.subject, attempt: target.attempt, update: updateOf(item) };
}
