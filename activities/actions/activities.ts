import { ApplicationFailure } from '@temporalio/common';
import type { Step } from '../../domain/process.js';
import { Refusal } from '../../domain/refusal.js';
import type { Engine } from '../engine.js';
import { findAccount } from '../accounts/find-account.js';
import { advanceAttempt } from './advance.js';
import { cancelInvoice, settleInvoice } from './call-node.js';
import type { ActionRef, Caller, Payment } from './contract.js';
import { createInvoice, takeLease } from './create-invoice.js';
import { openAction } from './open.js';

/** What a service sends that starts the workflow itself: its first step opens the action as the API would. */
export interface ActionRequest {
  readonly type: string;
  readonly args: unknown;
  readonly payment?: Payment;
  readonly invoiceExpirySeconds?: number;
  /** An account's name; null or left out for the anonymous. */
  readonly actor?: string | null;
}

export interface ActionInput extends ActionRef {
  readonly open?: ActionRequest;
}

export interface ActionActivities {
  advanceAction(input: ActionInput): Promise<Step>;
  createInvoice(ref: ActionRef): Promise<void>;
  settleInvoice(ref: ActionRef): Promise<void>;
  cancelInvoice(ref: ActionRef): Promise<void>;
}

/** What the worker runs for `paidAction`. */
export function createActionActivities(engine: Engine): ActionActivities {
  return {
    advanceAction: async (input) =>
      (await advanceAttempt(engine, input)) ?? (await openThenAdvance(engine, input)),
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
