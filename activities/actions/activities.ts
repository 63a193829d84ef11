import { ApplicationFailure } from '@temporalio/common';
import type { Step } from '../../domain/process.js';
import { Refusal } from '../../domain/refusal.js';
import type { Engine } from '../engine.js';
import { findAccount } from '../accounts/find-account.js';
import { type ActionInput, parseActionInput } from './action-input.js';
import { advanceAttempt } from './advance.js';
import { cancelInvoice, settleInvoice } from './call-node.js';
import type { ActionRef, Caller } from './contract.js';
import { createInvoice, takeLease } from './create-invoice.js';
import { openAction } from './open.js';

export type { ActionInput } from './action-input.js';

export interface ActionActivities {
  advanceAction(input: ActionInput): Promise<Step>;
  createInvoice(ref: ActionRef): Promise<void>;
  settleInvoice(ref: ActionRef): Promise<void>;
  cancelInvoice(ref: ActionRef): Promise<void>;
}

/** What the worker runs for `paidAction`. */
export function createActionActivities(engine: Engine): ActionActivities {
  return {
    advanceAction: async (unparsed) => {
      const input = parseActionInput(unparsed);
      return (await advanceAttempt(engine, input)) ?? (await openThenAdvance(engine, input));
    },
    createInvoice: async (ref) => {
      if (await takeLease(engine, ref)) await createInvoice(engine, ref, 'owner');
    },
    settleInvoice: (ref) => settleInvoice(engine, ref, 'owner'),
    cancelInvoice: (ref) => cancelInvoice(engine, ref, 'owner'),
  };
}

async function openThenAdvance(engine: Engine, input: ActionInput): Promise<Step> {
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

async function callerOf(engine: Engine, name: string | null): Promise<Caller> {
  if (name === null) return { kind: 'anonymous' };
  return { kind: 'account', ...(await findAccount(engine.pool, name)) };
}
