import type { ClientBase } from 'pg';
import { AWAITS, callNeeded, type NodeCall, onDeadline } from '../../domain/actions/decide.js';
import { attemptMachine } from '../../domain/actions/machine.js';
import { isTerminal } from '../../domain/machine.js';
import type { Step } from '../../domain/workflow-step.js';
import { type EngineContext, transact } from '../context.js';
import { derivePreimage, hashOfPreimage } from '../invoices/preimage.js';
import { type AttemptRow, loadSubject } from './attempt-row.js';
import type { ActionRef } from './contract.js';
import { failCreation } from './create-invoice.js';
import { invoiceId } from './flows/insert-attempt.js';
import { moveAttempt } from './move-attempt.js';

interface DueRow extends AttemptRow {
  readonly deadline_over: boolean;
  readonly lease_over: boolean;
  /** Milliseconds until the deadline or, while the invoice is being created, until the lease ends; by the database's clock. */
  readonly wait_ms: number | null;
}

/** Undefined when there is no such attempt. */
export async function advanceAttempt(
  engine: EngineContext,
  ref: ActionRef,
): Promise<Step<NodeCall> | undefined> {
  const row = await readDue(engine.pool, ref);
  if (row === undefined) return undefined;
  if (!row.deadline_over) return stepOf(row);
  await transact(engine, (tx) => passDeadline(engine, tx, ref));
  const after = await readDue(engine.pool, ref);
  return after === undefined ? undefined : stepOf(after);
}

async function readDue(db: Pick<ClientBase, 'query'>, ref: ActionRef): Promise<DueRow | undefined> {
  const { rows } = await db.query<DueRow>(
    `select *,
       coalesce(deadline_at <= now(), false) as deadline_over,
       coalesce(lease_until <= now(), true) as lease_over,
       (extract(epoch from least(deadline_at, case when lease_until > now() then lease_until end)
         - now()) * 1000)::float8 as wait_ms
     from attempts where action_id = $1 and attempt = $2`,
    [ref.actionId, ref.attempt],
  );
  return rows[0];
}

function stepOf(row: DueRow): Step<NodeCall> {
  return {
    state: row.state,
    // The row of a late payment keeps the reason for which it was being cancelled.
    reason: row.state === 'PAID' ? null : row.reason,
    finished: isTerminal(attemptMachine, row.state),
    call: callNeeded(row.state, row.lease_over),
    waitUntilMs: row.wait_ms === null ? null : Date.now() + Math.ceil(row.wait_ms),
    story: {
      awaits: AWAITS[row.state],
      amountMsat: row.cost_msat.toString(),
      deadline: row.deadline_at?.toISOString() ?? null,
    },
  };
}

/** The guard decides: if an invoice update came before the deadline, nothing happens. */
async function passDeadline(engine: EngineContext, tx: ClientBase, ref: ActionRef): Promise<void> {
  const { rows } = await tx.query<AttemptRow>(
    `select * from attempts where action_id = $1 and attempt = $2 and deadline_at <= now()
     for no key update`,
    [ref.actionId, ref.attempt],
  );
  const event = rows[0] === undefined ? undefined : onDeadline[rows[0].state];
  switch (event) {
    case undefined:
      return;
    case 'creation_failed': {
      const hash = hashOfPreimage(derivePreimage(engine.secret, invoiceId(ref)));
      return failCreation(tx, ref, hash, 'workflow');
    }
    case 'settled_too_slow':
      return leave('HELD_INVOICE_SETTLED_TOO_SLOW');
    default:
      return leave('INVOICE_EXPIRED');
  }

  async function leave(reason: 'HELD_INVOICE_SETTLED_TOO_SLOW' | 'INVOICE_EXPIRED'): Promise<void> {
    if (event === undefined) return;
    await moveAttempt(tx, await loadSubject(tx, ref.actionId), ref, { event, reason }, 'workflow');
  }
}
