import type { ClientBase, Pool } from 'pg';
import type { LightningPort } from '../../../adapters/lightning/port.js';
import { inTransaction } from '../../../db/transaction.js';
import { Refusal } from '../../../domain/refusal.js';
import { askHeight, askNode, askNodeOfPayments, askPayees, type Payees } from './ask-node.js';
import { type AttemptHead, type Head, readHead } from './read-head.js';
import { readInvoices, type StoredInvoice } from './read-invoices.js';
import { type Keys, readClaims, readLedger, readOpenRows } from './read-money.js';
import { readLegStories, readTransitionStories } from './read-steps.js';
import { type Outgoing, readOutgoing } from './read-outgoing.js';
import type { InvoiceStory, PaymentStory } from './story.js';

export interface Sources {
  readonly pool: Pool;
  readonly node: Pick<LightningPort, 'lookupInvoice' | 'lookupPayment' | 'info'>;
  /** Without them no payee is asked. */
  readonly payees?: Payees;
}

/**
 * What has happened to the payment of an action or an order, by its id in lower case: read in one snapshot; then the node is asked, for
 * a bounded time. Changes nothing. Throws Refusal `payment.not_found`.
 */
export async function readPayment(
  { pool, node, payees }: Sources,
  id: string,
): Promise<PaymentStory> {
  const { story, invoices, wallets } = await inTransaction(pool, async (tx) => {
    await tx.query('set transaction isolation level repeatable read, read only');
    return read(tx, id);
  });
  const [views, paid, received] = await Promise.all([
    askNode(
      node,
      invoices.map(({ hash }) => hash),
    ),
    askNodeOfPayments(
      node,
      story.attempts.flatMap(({ payments }) => payments.map(({ hash }) => hash)),
    ),
    askPayees(payees, wallets),
  ]);
  const asked = new Map<string, InvoiceStory[]>();
  for (const { payable, ...invoice } of invoices) {
    const { view, held } = views.get(invoice.hash) ?? { view: { answer: 'not_asked' } as const };
    const heights = {
      acceptHeight: invoice.acceptHeight ?? held?.acceptHeight ?? null,
      expiryHeight: invoice.expiryHeight ?? held?.expiryHeight ?? null,
    };
    asked.set(payable, [...(asked.get(payable) ?? []), { ...invoice, ...heights, node: view }]);
  }
  const attempts = story.attempts.map((attempt) => ({
    ...attempt,
    invoices: asked.get(attempt.workflowId) ?? [],
    payments: attempt.payments.map((payment) => ({
      ...payment,
      node: paid.get(payment.hash) ?? payment.node,
      atPayee: received.get(payment.hash) ?? payment.atPayee,
    })),
  }));
  return { ...story, attempts, height: await askHeight(node, attempts) };
}

async function read(
  tx: ClientBase,
  id: string,
): Promise<{
  story: Omit<PaymentStory, 'height'>;
  invoices: StoredInvoice[];
  wallets: Outgoing['wallets'];
}> {
  const head = await readHead(tx, id);
  if (head === undefined) {
    throw new Refusal('payment.not_found', `there is no action and no order ${id}`);
  }
  const { attempts, ...rest } = head;
  const invoices = await readInvoices(tx, head);
  const outgoing = await readOutgoing(tx, head);
  const keys = keysOf(head, [...invoices, ...outgoing.payments]);
  const transitions = await readTransitionStories(tx, head);
  const legs = await readLegStories(tx, keys.payables);
  const story = {
    ...rest,
    attempts: attempts.map((attempt: AttemptHead) => ({
      ...attempt,
      transitions: transitions.get(attempt.workflowId) ?? [],
      legs: legs.get(attempt.workflowId) ?? [],
      invoices: [],
      payments: outgoing.payments.filter(ofAttempt(attempt)).map(withoutAttempt),
      walletTries: outgoing.tries.filter(ofAttempt(attempt)).map(withoutAttempt),
    })),
    claims: await readClaims(tx, head),
    ledger: await readLedger(tx, keys),
    outbox: await readOpenRows(tx, keys),
  };
  return { story, invoices, wallets: outgoing.wallets };
}

const ofAttempt =
  ({ attempt: wanted }: Pick<AttemptHead, 'attempt'>) =>
  ({ attempt }: { readonly attempt: number }): boolean =>
    attempt === wanted;

function withoutAttempt<T extends { readonly attempt: number }>(row: T): Omit<T, 'attempt'> {
  const rest: { attempt?: number } & Omit<T, 'attempt'> = { ...row };
  delete rest.attempt;
  return rest;
}

function keysOf({ kind, id, attempts }: Head, named: readonly { readonly hash: string }[]): Keys {
  return {
    ...{ kind, id },
    payables: attempts.map(({ workflowId }) => workflowId),
    hashes: [...new Set(named.map(({ hash }) => hash))],
  };
}
