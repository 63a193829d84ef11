import type { ClientBase } from 'pg';
import { pipeline } from '../../../db/pipeline.js';
import { CALL_OVERDUE_SECONDS } from '../../../domain/overdue.js';
import type { EngineContext } from '../../context.js';
import { payableId } from '../../ledger/legs.js';
import { callRow, enqueue, UNPAID_PRIORITY } from '../../outbox.js';
import type { Action } from '../action.js';
import type { WrappedShare } from '../attempt-money.js';
import { enqueueStartOf } from '../attempt-start.js';
import { bookOpening } from '../book-attempt.js';
import type { ActionRef } from '../contract.js';
import type { NewAttempt } from '../new-attempt.js';
import { wrappedLegs } from './plan-wrapped.js';

/** The rows of an attempt whose payee's wallet has still to mint, in the transaction that opens it. */
export async function insertWrapping(
  engine: EngineContext,
  tx: ClientBase,
  action: Action,
  ref: ActionRef,
  { wrapped, money, origin, actorName }: NewAttempt & { readonly wrapped: WrappedShare },
): Promise<void> {
  const { actor, costMsat } = action;
  const legs = wrappedLegs(action, money.shares, wrapped.amountMsat, null);
  const { creationSeconds } = engine.timers;
  const { startDelayMs: delayMs, createLeaseMs: leaseMs } = engine;
  await pipeline([
    tx.query(
      `insert into attempts (action_id, attempt, payer, flow, state, cost_msat, origin, payee, payee_kind, payee_msat,
         deadline_at, due_at)
       values ($1, $2, $3, 'wrapped', 'WRAPPING', $4, $5, $6, $7, $8, clock_timestamp() + $9 * interval '1 second',
         clock_timestamp() + least($9, $10::float8) * interval '1 second')`,
      [
        ...[ref.actionId, ref.attempt, actor, costMsat, actor === null ? (origin ?? null) : null],
        ...[wrapped.payee, wrapped.kind, wrapped.amountMsat, creationSeconds, CALL_OVERDUE_SECONDS],
      ],
    ),
    bookOpening(tx, { ref, actor, legs }),
    enqueue(tx, [callRow('wrap_invoice', payableId(ref), { leaseMs })]),
    enqueueStartOf(tx, action, ref, {
      ...{ event: 'opened_wrapping', actorName },
      options: { delayMs, priority: UNPAID_PRIORITY },
    }),
  ]);
}
