import { randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import { pipeline } from '../../db/pipeline.js';
import { toMsat } from '../../domain/money.js';
import { Refusal } from '../../domain/refusal.js';
import { capabilityOf, type Caller } from '../accounts/caller.js';
import { type EngineContext, transact } from '../context.js';
import { failpoint } from '../failpoint.js';
import type { Action } from './action.js';
import type { OpenAction, Opened } from './contract.js';
import { childShares, insertChildren, withIds } from './children.js';
import { tryToCreateInvoice } from './create-invoice.js';
import { findOpened, insertAction, isTaken } from './insert-action.js';
import { insertAttempt, type Wanted } from './insert-attempt.js';
import { refuseTooManyOpen } from './limits.js';
import { planMoney } from './plan-money.js';
import { viewOwn } from './read-action.js';
import { parseRequest } from './types/index.js';
import type { Quote } from './types/paid-action-type.js';
import { tryToWrap } from './wrapped/wrap-attempt.js';

/**
 * Opens an action and creates its invoice. The view may still say INVOICING when the node was slow or away: the call to it is made
 * again by others. The same request again (by idempotency key, or by an id of the caller's choice) gives what it opened, in its
 * present state. Throws Refusal, with nothing changed.
 */
export async function openAction(engine: EngineContext, request: OpenAction): Promise<Opened> {
  const { actionId, fresh, wanted } = await openRows(engine, request).catch((error: unknown) => {
    // The same request, at the same time, was faster.
    if (isTaken(error)) return openRows(engine, request);
    throw error;
  });
  await failpoint('after-open-commit');
  if (wanted !== undefined) await tryToGet(engine, wanted);
  const view = await viewOwn(engine.pool, actionId);
  const anonymous = actorOf(request.caller) === null;
  return {
    view,
    replayed: !fresh,
    ...(anonymous ? { capability: capabilityOf(engine.secret, actionId) } : {}),
  };
}

/** What the request that opens an attempt asks for at once. */
export function tryToGet(engine: EngineContext, wanted: Wanted): Promise<void> {
  return 'wrap' in wanted
    ? tryToWrap(engine, wanted.wrap)
    : tryToCreateInvoice(engine, wanted.invoice);
}

interface OpenedRow {
  readonly actionId: string;
  /** False when the same request had opened it before. */
  readonly fresh: boolean;
  /** What is to be asked for; undefined when it needs no invoice. */
  readonly wanted: Wanted | undefined;
}

/** One transaction: the rows, how it is paid, and the start of its workflow; by balance it is performed and paid too. */
async function openRows(engine: EngineContext, request: OpenAction): Promise<OpenedRow> {
  const actor = actorOf(request.caller);
  const { type, args } = parseRequest(request.type, request.args, request.door);
  if (actor === null && !type.anonymous) {
    throw new Refusal('action.login_required', `${type.name} needs an account`);
  }
  const id = request.id ?? randomUUID();
  const unpriced = { id, type, actor, args, costMsat: toMsat(0n) };
  return transact(engine, async (tx) => {
    const [before, quoted] = await Promise.allSettled([
      findOpened(tx, request, actor),
      quote(tx, unpriced),
    ]);
    // A refusal of today does not concern a request that was accepted before.
    const opened = valueOf(before);
    if (opened !== undefined) return { actionId: opened, fresh: false, wanted: undefined };
    const { costMsat, shares = [], ...more } = valueOf(quoted);
    const children = withIds(more.children ?? []);
    const action: Action = { ...unpriced, costMsat };
    const all = [...shares, ...childShares(children)];
    const money = await planMoney(engine, tx, action, all, request.payment);
    const [, , wanted] = await pipeline([
      insertAction(engine, tx, request, action),
      insertChildren(tx, action, children),
      insertAttempt(engine, tx, action, {
        attempt: 1,
        actorName: request.caller.kind === 'account' ? request.caller.name : null,
        money,
        invoiceExpirySeconds: request.invoiceExpirySeconds ?? engine.timers.invoiceExpirySeconds,
        origin: request.origin,
      }),
      // Counts the attempt, which is written before in the same round trip.
      money.plan.flow === 'credits'
        ? Promise.resolve()
        : refuseTooManyOpen(engine, tx, { actor, origin: request.origin }),
    ]);
    return { actionId: id, fresh: true, wanted };
  });
}

/** What it costs, where it is possible now. */
async function quote(tx: ClientBase, action: Action): Promise<Quote> {
  const context = { actionId: action.id, actor: action.actor, args: action.args };
  const quoted = action.type.quote(tx, context);
  const [, result] = await pipeline([
    action.type.validate?.(tx, context) ?? Promise.resolve(),
    quoted,
  ]);
  return result;
}

function valueOf<T>(outcome: PromiseSettledResult<T>): T {
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}

export function actorOf(caller: Caller): string | null {
  return caller.kind === 'account' ? caller.id : null;
}
