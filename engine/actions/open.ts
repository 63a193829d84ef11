import { randomUUID } from 'node:crypto';
import { pipeline } from '../../db/pipeline.js';
import { toMsat } from '../../domain/money.js';
import { Refusal } from '../../domain/refusal.js';
import { refuseFrozen } from '../accounts/accounts.js';
import { capabilityMatches, capabilityOf, type Caller } from '../accounts/caller.js';
import { type EngineContext, transact } from '../context.js';
import { failpoint } from '../failpoint.js';
import type { Action } from './action.js';
import type { OpenAction, Opened } from './contract.js';
import { childShares, insertChildren, withIds } from './children.js';
import { tryToCreateInvoice } from './create-invoice.js';
import { claimAtOpening } from './claim-keys.js';
import { findOpened, insertAction, openOnce } from './insert-action.js';
import { insertAttempt, isPerformedAtOnce, type Wanted } from './insert-attempt.js';
import { refuseTooManyOpen } from './limits.js';
import { planMoney } from './plan-money.js';
import { quote } from './quote.js';
import { viewOwn } from './read-action.js';
import { parseRequest } from './types/index.js';
import { tryToWrap } from './wrapped/wrap-attempt.js';

/**
 * Opens an action and creates its invoice. The view may still say INVOICING when the node was slow or away: the call to it is made
 * again by others. The same request again (by idempotency key, or by an id of the caller's choice) gives what it opened, in its
 * present state. Throws Refusal, with nothing changed.
 */
export async function openAction(engine: EngineContext, request: OpenAction): Promise<Opened> {
  const asked = { request, actor: actorOf(request.caller) };
  const open = (): Promise<OpenedRow> => openRows(engine, request);
  const { actionId, fresh, wanted } = await openOnce(engine, asked, open, openedBefore);
  await failpoint('after-open-commit');
  if (wanted !== undefined) await tryToGet(engine, wanted);
  const view = await viewOwn(engine.pool, actionId);
  const anonymous = asked.actor === null;
  return {
    view,
    replayed: !fresh,
    ...(anonymous ? { capability: await capabilityOfAction(engine, actionId) } : {}),
  };
}

/** The one that was given when it was opened, under a former secret perhaps. */
async function capabilityOfAction(engine: EngineContext, actionId: string): Promise<string> {
  const now = capabilityOf(engine.secret, actionId);
  const before = (engine.formerSecrets ?? []).map((secret) => capabilityOf(secret, actionId));
  if (before.length === 0) return now;
  const { rows } = await engine.pool.query<{ hash: Buffer | null }>(
    'select capability_hash as hash from actions where id = $1',
    [actionId],
  );
  return before.find((one) => capabilityMatches(one, rows[0]?.hash)) ?? now;
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

function openedBefore(actionId: string): OpenedRow {
  return { actionId, fresh: false, wanted: undefined };
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
    const [before, quoted, frozen] = await Promise.allSettled([
      findOpened(tx, request, actor),
      quote(tx, unpriced),
      refuseFrozen(tx, actor),
    ]);
    // A refusal of today does not concern a request that was accepted before.
    const opened = valueOf(before);
    if (opened !== undefined) return openedBefore(opened);
    valueOf(frozen);
    const { costMsat, shares = [], ...more } = valueOf(quoted);
    refuseCostAbove(request, costMsat);
    const children = withIds(more.children ?? []);
    const action: Action = { ...unpriced, costMsat };
    const all = [...shares, ...childShares(children)];
    const money = await planMoney(engine, tx, action, all, request.payment);
    const inserted = pipeline([
      insertAction(engine, tx, request, action),
      insertChildren(tx, action, children),
    ]);
    if (type.keys !== undefined) {
      await pipeline([inserted, claimAtOpening(tx, action, isPerformedAtOnce(money.plan.flow))]);
    }
    const [, wanted] = await pipeline([
      inserted,
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

function refuseCostAbove({ maxCostMsat }: OpenAction, costMsat: bigint): void {
  if (maxCostMsat === undefined || costMsat <= maxCostMsat) return;
  throw new Refusal('start.cost_above', `it costs ${costMsat} msat, ${maxCostMsat} are allowed`);
}

function valueOf<T>(outcome: PromiseSettledResult<T>): T {
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}

export function actorOf(caller: Caller): string | null {
  return caller.kind === 'account' ? caller.id : null;
}
