import { z } from 'zod';
import type { NodeCallKind } from '../domain/invoices/node-calls.js';
import { attemptMachine } from '../domain/actions/machine.js';
import { transitionsLink } from '../domain/names/links.js';
import { actionWorkflowId } from '../domain/names/workflows.js';
import type { LinkedStep, Step } from '../domain/workflow-step.js';
import { advanceAttempt } from '../engine/actions/advance.js';
import type { ActionRef } from '../engine/actions/contract.js';
import { openStarted, readActorName } from '../engine/actions/open-started.js';
import type { EngineContext } from '../engine/context.js';
import { makeCall, subjectOf } from '../engine/incoming/make-call.js';
import { checkWorkflowId, failureOf, parseInput, withoutVainRetries } from './door.js';

/** What a service sends that starts the workflow itself: the first step opens the action as the API would. */
const actionRequest = z.strictObject({
  type: z.string().max(64),
  args: z.unknown(),
  payment: z.enum(['auto', 'credits', 'invoice']).exactOptional(),
  invoiceExpirySeconds: z.int().min(1).max(600).exactOptional(),
  /** An account's name; null or left out for the anonymous, or for whom the start token is. */
  actor: z.string().max(64).nullish(),
  /** Of POST /v1/start-tokens. Needed unless the installation trusts whoever starts workflows. */
  startToken: z.string().max(2048).exactOptional(),
});

const ref = {
  actionId: z.guid().toLowerCase(),
  attempt: z.int().min(1).max(2_147_483_647),
};
const actionRef = z.object(ref);
const actionInput = z.strictObject({
  ...ref,
  open: actionRequest.exactOptional(),
});

export type ActionInput = z.output<typeof actionInput>;

/** The activities that make calls to the node. Recorded by name in histories. */
const CALLS = {
  createInvoice: 'create_invoice',
  settleInvoice: 'settle_invoice',
  cancelInvoice: 'cancel_invoice',
  lookUpInvoice: 'look_up_invoice',
  wrapInvoice: 'wrap_invoice',
  sendPayment: 'send_payment',
} as const satisfies Record<string, NodeCallKind>;

export type ActionCall = keyof typeof CALLS;

/** What `paidAction` runs: `advanceAction` as a local activity, one for each call to the node. Recorded by name in histories. */
export type PaidActionActivities = Readonly<
  Record<ActionCall, (ref: ActionRef) => Promise<void>>
> & {
  /** `workflowId`: of the workflow that asks. A second one for the same attempt would not be noticed under another id. */
  advanceAction(input: ActionInput, workflowId?: string): Promise<LinkedStep<ActionCall>>;
};

export interface StartOptions {
  /** Where operators reach the API. */
  readonly apiUrl: string;
  /** Whether whoever starts a workflow may open an action for any account, without a start token. */
  readonly trustsStarts: boolean;
}

export function createPaidActionActivities(
  engine: EngineContext,
  { apiUrl, trustsStarts }: StartOptions,
): PaidActionActivities {
  const call =
    (name: ActionCall) =>
    async (unparsed: ActionRef): Promise<void> => {
      const subject = await subjectOf(engine.pool, CALLS[name], parseInput(actionRef, unparsed));
      if (subject !== undefined) await makeCall(engine, CALLS[name], subject, 'workflow');
    };
  return {
    advanceAction: async (unparsed, workflowId) => {
      const input = parseInput(actionInput, unparsed);
      checkWorkflowId(actionWorkflowId(input.actionId, input.attempt), workflowId);
      const step =
        (await advanceAttempt(engine, input)) ??
        (await openThenAdvance(engine, input, trustsStarts));
      const subject = `${input.actionId}/${input.attempt}`;
      const link = transitionsLink(apiUrl, attemptMachine.name, subject);
      const call = step.call === null ? null : NAMES[step.call];
      return { ...step, call, link, ...(await attributesOf(engine, input)) };
    },
    createInvoice: call('createInvoice'),
    settleInvoice: call('settleInvoice'),
    cancelInvoice: call('cancelInvoice'),
    lookUpInvoice: call('lookUpInvoice'),
    wrapInvoice: call('wrapInvoice'),
    sendPayment: call('sendPayment'),
  };
}

const NAMES: Readonly<Record<NodeCallKind, ActionCall>> = {
  create_invoice: 'createInvoice',
  settle_invoice: 'settleInvoice',
  cancel_invoice: 'cancelInvoice',
  look_up_invoice: 'lookUpInvoice',
  wrap_invoice: 'wrapInvoice',
  send_payment: 'sendPayment',
};

/** A start token says for whom it is: whoever starts the workflow with it need not. */
async function attributesOf(
  { pool }: EngineContext,
  { actionId, open }: ActionInput,
): Promise<Pick<LinkedStep, 'attributes'>> {
  if (open?.startToken === undefined || typeof open.actor === 'string') return {};
  const QActor = await readActorName(pool, actionId);
  return QActor === undefined ? {} : { attributes: { QActor } };
}

async function openThenAdvance(
  engine: EngineContext,
  input: ActionInput,
  trustsStarts: boolean,
): Promise<Step<NodeCallKind>> {
  const { actionId, attempt, open } = input;
  if (open === undefined || attempt !== 1) {
    throw failureOf('action.not_found', `there is no attempt ${actionId}/${attempt}`);
  }
  const { type, args, payment = 'auto', actor, ...others } = open;
  const forAccount = actor === null || actor === undefined ? {} : { actor };
  const request = { ...others, ...forAccount, id: actionId, type, args, payment };
  try {
    await openStarted(engine, request, trustsStarts);
  } catch (error) {
    throw withoutVainRetries(error);
  }
  const step = await advanceAttempt(engine, input);
  if (step === undefined) throw new Error(`attempt ${actionId}/${attempt} was opened and is gone`);
  return step;
}
