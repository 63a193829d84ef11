import type { paymentStoryAnswer } from '@quittance/sdk/answers';
import type { z } from 'zod';
import type {
  AttemptStory,
  InvoiceStory,
  LegStory,
  NodeView,
  OutgoingStory,
  OutgoingView,
  PaymentStory,
} from '../../../engine/operator/payment/story.js';
import { toTime, toTimeOrNull } from './wire/values.js';

type Answer = z.output<typeof paymentStoryAnswer>;
type AttemptAnswer = Answer['attempts'][number];

/** The story of a payment as it is sent. */
export function presentPayment(story: PaymentStory): Answer {
  return {
    ...story,
    costMsat: story.costMsat.toString(),
    createdAt: toTime(story.createdAt),
    attempts: story.attempts.map(presentAttempt),
    claims: story.claims.map((claim) => ({
      ...claim,
      amountMsat: claim.amountMsat.toString(),
      openedAt: toTime(claim.openedAt),
      changedAt: toTime(claim.changedAt),
    })),
    ledger: story.ledger.map(({ key, at, postings }) => ({
      key,
      at: toTime(at),
      postings: postings.map((line) => ({ ...line, amountMsat: line.amountMsat.toString() })),
    })),
    outbox: story.outbox.map((row) => ({ ...row, since: toTime(row.since) })),
  };
}

function presentAttempt(attempt: AttemptStory): AttemptAnswer {
  return {
    ...attempt,
    openedAt: toTime(attempt.openedAt),
    deadlineAt: toTimeOrNull(attempt.deadlineAt),
    dueAt: toTimeOrNull(attempt.dueAt),
    sweptAt: toTimeOrNull(attempt.sweptAt),
    transitions: attempt.transitions.map((row) => ({
      ...row,
      id: row.id.toString(),
      at: toTime(row.at),
    })),
    legs: attempt.legs.map(presentLeg),
    invoices: attempt.invoices.map(presentInvoice),
    payments: attempt.payments.map(presentOutgoing),
    walletTries: attempt.walletTries.map((row) => ({ ...row, at: toTime(row.at) })),
  };
}

function presentOutgoing(payment: OutgoingStory): AttemptAnswer['payments'][number] {
  return {
    ...payment,
    amountMsat: payment.amountMsat.toString(),
    maxFeeMsat: payment.maxFeeMsat.toString(),
    feeMsat: payment.feeMsat?.toString() ?? null,
    node: presentOutgoingView(payment.node),
    sends: payment.sends.map((send) => ({
      ...send,
      sentAt: toTime(send.sentAt),
      answeredAt: toTimeOrNull(send.answeredAt),
    })),
  };
}

function presentOutgoingView(view: OutgoingView): AttemptAnswer['payments'][number]['node'] {
  const { answer } = view;
  return {
    answer,
    state: answer === 'known' ? view.state : null,
    expiryHeight: answer === 'known' ? view.expiryHeight : null,
    error: answer === 'none' ? view.error : null,
  };
}

function presentLeg(leg: LegStory): AttemptAnswer['legs'][number] {
  return {
    ...leg,
    plannedMsat: leg.plannedMsat?.toString() ?? null,
    actualMsat: leg.actualMsat?.toString() ?? null,
  };
}

function presentInvoice(invoice: InvoiceStory): AttemptAnswer['invoices'][number] {
  return {
    ...invoice,
    amountMsat: invoice.amountMsat.toString(),
    receivedMsat: invoice.receivedMsat.toString(),
    createdAt: toTime(invoice.createdAt),
    expiresAt: toTimeOrNull(invoice.expiresAt),
    node: presentNode(invoice.node),
  };
}

function presentNode(view: NodeView): AttemptAnswer['invoices'][number]['node'] {
  const { answer } = view;
  return {
    answer,
    state: answer === 'known' ? view.state : null,
    receivedMsat: answer === 'known' ? view.receivedMsat.toString() : null,
    error: answer === 'none' ? view.error : null,
  };
}
