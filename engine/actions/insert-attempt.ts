import type { ClientBase } from 'pg';
import { pipeline } from '../../db/pipeline.js';
import type { AttemptFlow } from '../../domain/actions/machine.js';
import { CALL_OVERDUE_SECONDS } from '../../domain/overdue.js';
import type { EngineContext } from '../context.js';
import { invoiceHash, openInvoice, type WantedInvoice } from '../invoices/open-invoice.js';
import { UNPAID_PRIORITY } from '../outbox.js';
import { type Action, describe } from './action.js';
import { type PlannedMoney, planLegs } from './attempt-money.js';
import { enqueueStartOf } from './attempt-start.js';
import { bookOpening, bookPaidByBalance } from './book-attempt.js';
import type { ActionRef } from './contract.js';
import { announce } from './move-attempt.js';
import type { NewAttempt } from './new-attempt.js';
import { makePaid, perform } from './run-type.js';
import { insertWrapping } from './wrapped/insert-wrapping.js';

/** What is to be asked for once the attempt is committed: an invoice of ours, or one that wraps a payee's. */
export type Wanted = { readonly invoice: WantedInvoice } | { readonly wrap: ActionRef };

/** Whether an attempt that is paid like this is performed in the transaction that opens it. */
export function isPerformedAtOnce(flow: AttemptFlow): boolean {
  return flow === 'credits' || flow === 'optimistic';
}

/**
 * Everything an attempt needs, in the transaction that opens it, and the start of its workflow. Paid by balance it is performed,
 * visible and finished; an optimistic one is performed for its author. Gives what is to be asked for.
 */
export async function insertAttempt(
  engine: EngineContext,
  tx: ClientBase,
  action: Action,
  opening: NewAttempt,
): Promise<Wanted | undefined> {
  const ref: ActionRef = { actionId: action.id, attempt: opening.attempt };
  const { actorName, money } = opening;
  if (money.plan.flow === 'credits') {
    await insertPaid(tx, action, ref, money);
    await enqueueStartOf(tx, action, ref, { event: 'paid_by_balance', actorName, options: {} });
    return undefined;
  }
  if (money.wrapped !== undefined) {
    await insertWrapping(engine, tx, action, ref, { ...opening, wrapped: money.wrapped });
    return { wrap: ref };
  }
  const wanted: WantedInvoice = {
    payable: ref,
    n: 1,
    hash: invoiceHash(engine, ref),
    kind: money.plan.flow === 'optimistic' ? 'ordinary' : 'hold',
    amountMsat: money.plan.invoiceMsat,
    expirySeconds: opening.invoiceExpirySeconds,
    memo: describe(action),
  };
  const optimistic = money.plan.flow === 'optimistic';
  await pipeline([
    insertRow(engine, tx, action, ref, opening),
    openInvoice(engine, tx, wanted),
    bookOpening(
      tx,
      { ref, actor: action.actor, legs: planLegs(action, money.plan, money.shares, wanted.hash) },
      money.atUs,
    ),
    optimistic ? perform(tx, action, ref.attempt) : Promise.resolve(),
    enqueueStartOf(tx, action, ref, {
      ...{ event: 'opened', actorName },
      options: { delayMs: engine.startDelayMs, priority: UNPAID_PRIORITY },
    }),
  ]);
  return { invoice: wanted };
}

async function insertPaid(
  tx: ClientBase,
  action: Action,
  ref: ActionRef,
  { plan, shares, atUs }: PlannedMoney,
): Promise<void> {
  const { actor, costMsat } = action;
  if (actor === null) throw new Error('a balance without an account');
  const legs = planLegs(action, plan, shares, null);
  await perform(tx, action, ref.attempt);
  await tx.query(
    `insert into attempts (action_id, attempt, payer, flow, state, cost_msat, performed)
     values ($1, $2, $4, 'credits', 'PAID', $3, true)`,
    [ref.actionId, ref.attempt, costMsat, actor],
  );
  await pipeline([
    makePaid(tx, [action]),
    // What is free moves no money.
    ...(costMsat === 0n ? [] : [bookPaidByBalance(tx, { ref, actor, legs }, atUs)]),
  ]);
  await announce(tx, action, {
    ...{ attempt: ref.attempt, state: 'PAID', reason: null, flow: 'credits' },
  });
}

async function insertRow(
  { timers }: EngineContext,
  tx: ClientBase,
  { actor, costMsat }: Action,
  ref: ActionRef,
  { money, origin }: NewAttempt,
): Promise<void> {
  await tx.query(
    `insert into attempts (action_id, attempt, payer, flow, state, cost_msat, performed, origin, deadline_at, due_at)
     values ($1, $2, $3, $4, 'INVOICING', $5, $6, $7, clock_timestamp() + $8 * interval '1 second',
       clock_timestamp() + least($8, $9::float8) * interval '1 second')`,
    [
      ...[ref.actionId, ref.attempt, actor, money.plan.flow, costMsat],
      ...[money.plan.flow === 'optimistic', actor === null ? (origin ?? null) : null],
      ...[timers.creationSeconds, CALL_OVERDUE_SECONDS],
    ],
  );
}
