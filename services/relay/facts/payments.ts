import { findPayable, type PayableAttempt } from '../../../activities/actions/find-payable.js';
import { payAttempts } from '../../../activities/actions/pay-attempts.js';
import type { Engine } from '../../../activities/engine.js';
import {
  applyToOwner,
  findInvoiceOwner,
  type InvoiceOwner,
} from '../../../activities/lightning/apply-invoice-fact.js';
import type { HeardFact } from '../../../activities/lightning/record-fact.js';
import { invoiceFactSchema, type InvoiceFactMessage } from '../../shared/messages/payments.js';
import type { Company, FactHandler } from './fact-handler.js';

/** What nodes say of invoices. */
export function invoiceFacts(
  engine: Engine,
): FactHandler<InvoiceFactMessage, InvoiceOwner | undefined, PayableAttempt> {
  return {
    stream: 'PAYMENTS',
    subjects: ['payments.invoice.>'],
    durable: 'invoice-facts',
    parse: (body) => invoiceFactSchema.parse(body),
    find: findInvoiceOwner,
    apply: (tx, fact, owner) => applyToOwner(engine, tx, owner, heard(fact), 'other'),
    company,
  };
}

/** Payments of attempts that wait for nothing else. Whatever asks for more holds locks for longer, in an order of its own. */
const company: Company<InvoiceFactMessage, PayableAttempt> = {
  find: async (db, facts) => {
    const hashes = facts.map(({ hash }) => hash);
    const payable = await findPayable(db, hashes);
    return facts.map(({ hash, state }, n) => {
      const isFirst = hashes.indexOf(hash) === n;
      return state === 'settled' && isFirst ? payable[n] : undefined;
    });
  },
  apply: (tx, companions) =>
    payAttempts(
      tx,
      companions.map(({ fact, about }) => ({ ...about, fact: heard(fact) })),
    ),
};

function heard({ hash, state, receivedMsat }: InvoiceFactMessage): HeardFact {
  return { hash, state, receivedMsat };
}
