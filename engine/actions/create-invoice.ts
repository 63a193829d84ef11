import type { ClientBase } from 'pg';
import type { CreatedInvoice, Invoice, PaymentHash } from '../../adapters/lightning/port.js';
import type { AttemptState } from '../../domain/actions/machine.js';
import { pipeline } from '../../db/pipeline.js';
import { type EngineContext, transact } from '../context.js';
import { createInvoiceFor } from '../invoices/create-for.js';
import type { WantedInvoice } from '../invoices/open-invoice.js';
import { recordCreated } from '../invoices/record-created.js';
import type { ChangedBy } from '../transition.js';
import { loadAction } from './action.js';
import { applyAttemptUpdate } from './apply-update.js';
import { lockAttempt } from './attempt-row.js';
import { findTarget } from './attempt-target.js';
import type { ActionRef } from './contract.js';
import { failCreation } from './give-up.js';
import { type AttemptMove, moveAttempt } from './move-attempt.js';
import { leavingFailures } from './type-failures.js';

/** For the request that opened the attempt and holds the first lease. What fails is left to those who make the call after it. */
export function tryToCreateInvoice(engine: EngineContext, wanted: WantedInvoice): Promise<void> {
  return leavingFailures(engine, () =>
    createAttemptInvoice(engine, refOf(wanted), wanted, 'other'),
  );
}

function refOf({ payable }: WantedInvoice): ActionRef {
  if ('orderId' in payable) throw new Error('an invoice of an order');
  return payable;
}

/**
 * Creates the invoice of an attempt at the node and records it. Ends the attempt when the node refuses. Throws LightningError while the
 * outcome is not known: call it again.
 */
export async function createAttemptInvoice(
  engine: EngineContext,
  ref: ActionRef,
  wanted: WantedInvoice,
  by: ChangedBy,
): Promise<void> {
  await createInvoiceFor(engine, wanted, {
    record: (invoice) => recordInvoice(engine, ref, invoice, by),
    refused: async (code) => {
      await transact(engine, (tx) => failCreation(engine, tx, ref, by, code));
    },
  });
}

/** False when the attempt no longer needs it. What has already happened to the invoice is applied with it. */
function recordInvoice(
  engine: EngineContext,
  ref: ActionRef,
  invoice: CreatedInvoice,
  by: ChangedBy,
): Promise<boolean> {
  return transact(engine, async (tx) => {
    const action = await loadAction(tx, ref.actionId);
    const [moved] = await pipeline([
      // Not woken: its workflow has most likely not started yet, and will read the row.
      moveAttempt(tx, action, ref, moveToInvoiced(engine, invoice), 'workflow'),
      recordCreated(tx, invoice, WITHOUT_INVOICE),
    ]);
    if (moved === undefined && WITHOUT_INVOICE.includes((await lockAttempt(tx, ref)).state))
      return false;
    if (invoice.state !== 'open') {
      const { hash, state, receivedMsat } = invoice;
      const target = await findTarget(tx, ref);
      await applyAttemptUpdate(engine, tx, target, { hash, state, receivedMsat }, by);
    }
    return true;
  });
}

const WITHOUT_INVOICE: readonly AttemptState[] = ['CANCELLING', 'FAILED'];

/** Deadlines are the database's: the node's clock may differ by minutes. */
export function moveToInvoiced(
  { timers }: EngineContext,
  invoice: Invoice,
  event?: 'wrapped',
): AttemptMove {
  return {
    event: event ?? (invoice.kind === 'hold' ? 'hold_invoice_created' : 'invoice_created'),
    set: (param) => {
      const at = `clock_timestamp() + (select i.expiry_seconds + ${param(timers.expiryGraceSeconds)}::float8
        from invoices i where i.hash = ${param(invoice.hash)}) * interval '1 second'`;
      return { deadline_at: at, due_at: at };
    },
  };
}

/** The invoice that an attempt still needs; undefined when it needs none any more. */
export async function findWanted(
  db: Pick<ClientBase, 'query'>,
  ref: ActionRef,
): Promise<WantedInvoice | undefined> {
  const { rows } = await db.query<Omit<WantedInvoice, 'payable' | 'n'> & { hash: PaymentHash }>(
    `select i.hash, i.kind, i.amount_msat as "amountMsat", i.expiry_seconds as "expirySeconds", i.memo
     from invoices i join attempts a using (action_id, attempt)
     where action_id = $1 and attempt = $2 and a.state = 'INVOICING'`,
    [ref.actionId, ref.attempt],
  );
  const [row] = rows;
  return row === undefined ? undefined : { ...row, payable: ref, n: 1 };
}
