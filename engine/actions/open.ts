import { randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import { pipeline } from '../../db/pipeline.js';
import { Refusal } from '../../domain/refusal.js';
import { capabilityOf, type Caller } from '../accounts/caller.js';
import { type EngineContext, transact } from '../context.js';
import { failpoint } from '../failpoint.js';
import type { ActionSubject } from './attempt-row.js';
import { chooseAndLock, type ChosenFlow } from './flows/choose-flow.js';
import type { OpenAction, Opened } from './contract.js';
import { tryToCreateInvoice } from './create-invoice.js';
import { insertAction } from './insert-action.js';
import { insertAttempt } from './flows/insert-attempt.js';
import { viewOwn } from './read-action.js';
import { bindAction } from './types/index.js';
import { refuseTooManyUnpaid } from './unpaid-limit.js';
import type { PendingInvoice } from './pending-invoice.js';

/**
 * Opens an action and creates its invoice. The view may still say INVOICING when the node was slow or away: the workflow goes on.
 * The same request again (by idempotency key, or by an id of the caller's choice) gives what it opened, in its present state.
 * Throws Refusal, with nothing changed.
 */
export async function openAction(engine: EngineContext, request: OpenAction): Promise<Opened> {
  const { actionId, fresh, pending } = await openRows(engine, request);
  await failpoint('after-open-commit');
  if (pending !== undefined) await tryToCreateInvoice(engine, pending);
  const view = await viewOwn(engine.pool, actionId);
  const anonymous = actorOf(request.caller) === null;
  return {
    view,
    replayed: !fresh,
    ...(anonymous ? { capability: capabilityOf(engine.secret, actionId) } : {}),
  };
}

interface OpenedRow {
  readonly actionId: string;
  /** False when the same request had opened it before. */
  readonly fresh: boolean;
  /** The invoice that is to be created; undefined when it needs none. */
  readonly pending: PendingInvoice | undefined;
}

/** One transaction: the rows, how it is paid, and the start of its workflow; by credits it is performed and paid too. */
async function openRows(engine: EngineContext, request: OpenAction): Promise<OpenedRow> {
  const actor = actorOf(request.caller);
  const bound = bindAction(request.type, request.args);
  if (actor === null && !bound.anonymous) {
    throw new Refusal('action.login_required', `${request.type} needs an account`);
  }
  const costMsat = bound.cost(actor);
  const id = request.id ?? randomUUID();
  const steps = bound.at(id, actor, costMsat);
  const subject: ActionSubject = { id, type: bound.typeName, actor, costMsat, bound, steps };
  return transact(engine, async (tx) => {
    const [before, choice] = await Promise.allSettled([
      insertAction(engine, tx, request, subject),
      chooseWhenPossible(engine, tx, request, subject),
    ]);
    // A refusal of today does not concern a request that was accepted before.
    const actionId = valueOf(before);
    if (actionId !== undefined) return { actionId, fresh: false, pending: undefined };
    const pending = await insertAttempt(engine, tx, subject, {
      attempt: 1,
      actorName: request.caller.kind === 'account' ? request.caller.name : null,
      chosen: valueOf(choice),
      invoiceExpirySeconds: request.invoiceExpirySeconds ?? engine.timers.invoiceExpirySeconds,
    });
    return { actionId: id, fresh: true, pending };
  });
}

function valueOf<T>(outcome: PromiseSettledResult<T>): T {
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}

export function actorOf(caller: Caller): string | null {
  return caller.kind === 'account' ? caller.id : null;
}

/** Checks everything that may be refused, in one round trip where it is not paid by credits. */
async function chooseWhenPossible(
  engine: EngineContext,
  tx: ClientBase,
  request: OpenAction,
  subject: ActionSubject,
): Promise<ChosenFlow> {
  const choosing = async (): Promise<ChosenFlow> => {
    const chosen = await chooseAndLock(tx, subject, request.payment);
    if (chosen.flow !== 'credits') await refuseTooManyUnpaid(engine, tx, subject.actor);
    return chosen;
  };
  const [, chosen] = await pipeline([subject.steps.validate(tx), choosing()]);
  return chosen;
}
