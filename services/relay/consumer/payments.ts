import type { ClientBase } from 'pg';
import { findTargets } from '../../../engine/actions/attempt-target.js';
import { applyPaymentUpdate } from '../../../engine/actions/outgoing/apply-payment.js';
import { payMany, type Payment } from '../../../engine/actions/pay-many.js';
import type { ApplyOutcome, EngineContext } from '../../../engine/context.js';
import { countTypeFailures } from '../../../engine/actions/type-failures.js';
import {
  applyToPayable,
  findPayable,
  type PaidFor,
} from '../../../engine/incoming/apply-invoice-update.js';
import type { InvoiceUpdate } from '../../../engine/invoices/record-update.js';
import { askInvoiceSoon } from '../../../engine/invoices/ask-soon.js';
import { askSoon } from '../../../engine/payouts/ask-soon.js';
import { invoiceSubject, paymentOfSubject } from '../../../domain/names/subjects.js';
import {
  type InvoiceUpdateMessage,
  invoiceUpdateSchema,
  type OutgoingUpdateMessage,
  outgoingUpdateSchema,
} from '../../shared/messages/payments.js';
import type { BatchItem, MessageHandler } from './message-handler.js';

type Message = InvoiceUpdateMessage | OutgoingUpdateMessage;
type Target = PaidFor | undefined;

const OUTGOING = 'payments.outgoing.';

/** What nodes report of money that moves: invoices held and settled, outgoing payments. */
export const payments: MessageHandler<Message, Target> = {
  stream: 'PAYMENTS',
  subjects: [invoiceSubject('*', 'held'), invoiceSubject('*', 'settled'), `${OUTGOING}>`],
  durable: 'payments',
  replaces: ['invoice-facts'],
  parse: (body, subject) =>
    subject.startsWith(OUTGOING)
      ? outgoingUpdateSchema.parse(body)
      : invoiceUpdateSchema.parse(body),
  findTarget: async (tx, body) => (isOutgoing(body) ? undefined : findPayable(tx, body)),
  /**
   * Payments of attempts that wait for nothing else, one of each invoice. Any other update needs more locks, in an order of its
   * own, and holds them for longer.
   */
  findBatchable: async (db, updates) => {
    const hashes = updates.map(({ hash }) => hash);
    const awaiting = await findTargets(db, hashes, { all: false });
    return updates.map(({ hash, state }, n) => {
      const attempt = awaiting[n];
      const isFirst = hashes.indexOf(hash) === n;
      if (attempt === undefined || state !== 'settled' || !isFirst) return undefined;
      return { kind: 'attempt', ...attempt };
    });
  },
  apply: async (engine, tx, items) => {
    const [first, ...others] = items;
    if (first === undefined) return [];
    if (others.length > 0) return payMany(tx, items.map(paymentOf));
    const { body, target } = first;
    if (isOutgoing(body)) return [await applyOutgoing(engine, tx, body)];
    return [await applyToPayable(engine, tx, target, updateOf(body), 'other')];
  },
  ask: askNode,
  failed: countTypeFailures,
};

/** Invoices that were canceled, most of them because they expired: thousands at a time, which nobody who pays may wait for. */
export const cancellations: MessageHandler<InvoiceUpdateMessage, Target> = {
  stream: 'PAYMENTS',
  subjects: [invoiceSubject('*', 'canceled')],
  durable: 'cancellations',
  parse: (body) => invoiceUpdateSchema.parse(body),
  findTarget: findPayable,
  apply: async (engine, tx, items) => {
    const outcomes: Awaited<ReturnType<typeof applyToPayable>>[] = [];
    for (const { body, target } of items) {
      outcomes.push(await applyToPayable(engine, tx, target, updateOf(body), 'other'));
    }
    return outcomes;
  },
  ask: askNode,
};

/** Asks the node what is true of that invoice or payment, as far as it is ours and not over. */
async function askNode(tx: ClientBase, subject: string): Promise<void> {
  const named = paymentOfSubject(subject);
  if (named?.kind === 'invoice') await askInvoiceSoon(tx, named.hash);
  if (named?.kind === 'outgoing') await askSoon(tx, named.hash);
}

function isOutgoing(body: Message): body is OutgoingUpdateMessage {
  return body.state === 'succeeded' || body.state === 'failed';
}

/** A failure is only a reason to ask: a send may be on its way still. */
async function applyOutgoing(
  engine: EngineContext,
  tx: ClientBase,
  { hash, state, feeMsat, preimage }: OutgoingUpdateMessage,
): Promise<ApplyOutcome> {
  if (state === 'succeeded' && preimage !== undefined) {
    return applyPaymentUpdate(engine, tx, { hash, state, feeMsat, preimage });
  }
  return (await askSoon(tx, hash)) ? 'applied' : 'unknown';
}

function updateOf({ hash, state, receivedMsat }: InvoiceUpdateMessage): InvoiceUpdate {
  return { hash, state, receivedMsat };
}

function paymentOf({ body, target }: BatchItem<Message, Target>): Payment {
  if (target?.kind !== 'attempt' || isOutgoing(body)) {
    throw new Error('only payments of attempts share a transaction');
  }
  const { action, ref, legs } = target;
  return { action, ref, legs, update: updateOf(body) };
}
