import { randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import { Refusal } from '../../domain/refusal.js';
import { capabilityOf, hashOfCapability } from '../accounts/capability.js';
import { hashJson } from '../canonical-json.js';
import { type Engine, transact } from '../engine.js';
import { failpoint } from '../failpoint.js';
import { claimKey } from '../idempotency.js';
import type { ActionSubject } from './attempt-row.js';
import { chooseAndLock } from './choose-flow.js';
import type { Caller, OpenAction, Opened } from './contract.js';
import { createInvoiceAtEdge } from './create-invoice.js';
import { insertAttempt, type NewAttempt } from './insert-attempt.js';
import { viewOwn } from './read-action.js';
import { bindAction } from './types/index.js';
import { refuseTooManyUnpaid } from './unpaid-limit.js';

/**
 * Opens an action and makes its invoice. The view may still say INVOICING when the node was slow or away: the workflow goes on.
 * The same request again (by idempotency key, or by an id of the caller's choice) gives what it opened, as it is today. Throws
 * Refusal, with nothing changed.
 */
export async function openAction(engine: Engine, request: OpenAction): Promise<Opened> {
  const { actionId, fresh, invoiced } = await openRows(engine, request);
  await failpoint('after-open-commit');
  if (invoiced) await createInvoiceAtEdge(engine, { actionId, attempt: 1 });
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
  /** Whether it now waits for its invoice. */
  readonly invoiced: boolean;
}

/** One transaction: the rows, how it is paid, and the start of its workflow; by credits it is performed and paid in it. */
async function openRows(engine: Engine, request: OpenAction): Promise<OpenedRow> {
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
    const before = await findBefore(engine, tx, request, subject);
    if (before !== undefined) return { actionId: before, fresh: false, invoiced: false };
    const flow = await open(engine, tx, request, subject);
    return { actionId: id, fresh: true, invoiced: flow !== 'credits' };
  });
}

export function actorOf(caller: Caller): string | null {
  return caller.kind === 'account' ? caller.id : null;
}

/** The action that this very request opened before, by idempotency key or by id; otherwise both are taken for it now. */
async function findBefore(
  engine: Engine,
  tx: ClientBase,
  request: OpenAction,
  subject: ActionSubject,
): Promise<string | undefined> {
  if (request.claim !== undefined) {
    const thing = await claimKey(tx, request.claim, { kind: 'action', id: subject.id });
    if (thing !== undefined) return thing.id;
  }
  const { actor, id } = subject;
  const requestHash = hashJson([
    request.type,
    request.args,
    request.payment,
    request.invoiceExpirySeconds ?? null,
    actor,
  ]);
  const capabilityHash = actor === null ? hashOfCapability(capabilityOf(engine.secret, id)) : null;
  const { rowCount } = await tx.query(
    `insert into actions (id, type, actor, capability_hash, args, request_hash, cost_msat)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do nothing`,
    [id, subject.type, actor, capabilityHash, subject.bound.args, requestHash, subject.costMsat],
  );
  if (rowCount === 1) return undefined;
  const { rows } = await tx.query<{ request_hash: Buffer }>(
    'select request_hash from actions where id = $1',
    [id],
  );
  if (rows[0]?.request_hash.equals(requestHash) === true) return id;
  throw new Refusal('action.id_taken', `action ${id} was opened by another request`);
}

async function open(
  engine: Engine,
  tx: ClientBase,
  request: OpenAction,
  subject: ActionSubject,
): Promise<NewAttempt['flow']> {
  await subject.steps.validate(tx);
  const flow = await chooseAndLock(tx, subject, request.payment);
  if (flow !== 'credits') await refuseTooManyUnpaid(engine, tx, subject.actor);
  await insertAttempt(engine, tx, subject, {
    attempt: 1,
    flow,
    invoiceExpirySeconds: request.invoiceExpirySeconds ?? engine.timers.invoiceExpirySeconds,
  });
  return flow;
}
