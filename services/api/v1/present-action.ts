import type { actionAnswer, attemptAnswer, invoiceAnswer } from '@quittance/sdk/answers';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { ActionView, AttemptView, InvoiceView } from '../../../engine/actions/contract.js';
import { answerStatus } from './idempotency.js';
import { toTime, toTimeOrNull } from './wire/values.js';

/** 201 for a new attempt, 202 while its invoice is missing, 200 for a replay. */
export function openStatus(
  reply: FastifyReply,
  view: ActionView,
  replayed: boolean,
): 200 | 201 | 202 {
  return answerStatus(
    reply,
    replayed,
    view.state === 'INVOICING' || view.state === 'WRAPPING' ? 202 : 201,
  );
}

/** The action as it is sent. */
export function presentAction(view: ActionView): z.output<typeof actionAnswer> {
  return {
    id: view.id,
    type: view.type,
    actor: view.actor,
    args: view.args,
    costMsat: view.costMsat.toString(),
    createdAt: toTime(view.createdAt),
    state: view.state,
    result: { ...view.result },
    retryable: view.retryable,
    claimsMsat: view.claimsMsat.toString(),
    attempts: view.attempts.map(presentAttempt),
  };
}

function presentAttempt(view: AttemptView): z.output<typeof attemptAnswer> {
  return {
    attempt: view.attempt,
    flow: view.flow,
    state: view.state,
    reason: view.reason,
    openedAt: toTime(view.openedAt),
    changedAt: toTime(view.changedAt),
    invoice: view.invoice === null ? null : presentInvoice(view.invoice),
  };
}

function presentInvoice(view: InvoiceView): z.output<typeof invoiceAnswer> {
  return {
    hash: view.hash,
    kind: view.kind,
    state: view.state,
    bolt11: view.bolt11,
    amountMsat: view.amountMsat.toString(),
    expiresAt: toTimeOrNull(view.expiresAt),
  };
}
