import { ApplicationFailure } from '@temporalio/common';
import type { Step } from '../domain/workflow-step.js';
import { Refusal } from '../domain/refusal.js';
import type { EngineContext } from '../engine/context.js';
import { findAccount } from '../engine/accounts/find-account.js';
import { type ActionInput, parseActionInput } from './action-input.js';
import { advanceAttempt } from '../engine/actions/advance.js';
import { cancelInvoice, settleInvoice } from '../engine/actions/call-node.js';
import type { ActionRef } from '../engine/actions/contract.js';
import type { Caller } from '../engine/accounts/caller.js';
import { createInvoice, takeLease } from '../engine/actions/create-invoice.js';
import { openAction } from '../engine/actions/open.js';

export type { ActionInput } from './action-input.js';

export interface ActionActivities {
  advanceAction(input: ActionInput): Promise<Step>;
  createInvoice(ref: ActionRef): Promise<void>;
  settleInvoice(ref: ActionRef): Promise<void>;
  cancelInvoice(ref: ActionRef): Promise<void>;
}

/** What the worker runs for `paidAction`. */
export function createActionActivities(engine: EngineContext): ActionActivities {
  return {
    advanceAction: async (unparsed) => {
      const input = parseActionInput(unparsed);
      return (await advanceAttempt(engine, input)) ?? (await openThenAdvance(engine, input));
    },
    createInvoice: async (ref) => {
      if (await takeLease(engine, ref)) await createInvoice(engine, ref, 'workflow');
    },
    settleInvoice: (ref) => settleInvoice(engine, ref, 'workflow'),
    cancelInvoice: (ref) => cancelInvoice(engine, ref, 'workflow'),
  };
}

async function openThenAdvance(engine: EngineContext, input: ActionInput): Promise<Step> {
  const { actionId, attempt, open } = input;
  if (open === undefined || attempt !== 1) {
    throw ApplicationFailure.nonRetryable(
      `there is no attempt ${actionId}/${attempt}`,
      'action.not_found',
    );
  }
  try {
    await openAction(engine, {
      id: actionId,
      type: open.type,
      args: open.args,
      payment: open.payment ?? 'auto',
      ...(open.invoiceExpirySeconds === undefined
        ? {}
        : { invoiceExpirySeconds: open.invoiceExpirySeconds }),
      caller: await callerOf(engine, open.actor ?? null),
    });
  } catch (error) {
    // The caller can do something about a refusal, retrying cannot.
    if (error instanceof Refusal) throw ApplicationFailure.nonRetryable(error.detail, error.code);
    throw error;
  }
  const step = await advanceAttempt(engine, input);
  if (step === undefined) throw new Error(`attempt ${actionId}/${attempt} was opened and is gone`);
  return step;
}

async function callerOf(engine: EngineContext, name: string | null): Promise<Caller> {
  if (name === null) return { kind: 'anonymous' };
  return { kind: 'account', ...(await findAccount(engine.pool, name)) };
}
