import { type EngineContext, transact } from '../context.js';
import { cancelAtNode, settleAtNode } from '../invoices/at-node.js';
import type { OwnedInvoice } from '../invoices/find-invoice.js';
import type { InvoiceUpdate } from '../invoices/record-update.js';
import type { ChangedBy } from '../transition.js';
import { applyAttemptUpdate } from './apply-update.js';
import { findTarget } from './attempt-target.js';
import type { ActionRef } from './contract.js';
import { applyPaymentUpdate } from './outgoing/apply-payment.js';
import { forwardOrSettle } from './wrapped/forward.js';

type InvoiceOfAttempt = Pick<OwnedInvoice, 'hash' | 'shown' | 'paidOut' | 'wraps'>;

/**
 * Whether something was sent that may still arrive: no call, however late it is made, gives back what is to pay for it. No attempt that is
 * being cancelled can begin to forward, so this stays as it is.
 */
async function mayPayOut({ pool }: EngineContext, hash: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    `select from payments p where hash = $1 and state = 'open' and exists (select from sends where hash = p.hash)`,
    [hash],
  );
  return rowCount === 1;
}

/**
 * Cancels the invoice of an attempt at the node and applies what that says. Where its payee has been paid all the same, the held money is
 * ours: it is settled. Throws LightningError while the outcome is not known: call it again.
 */
export async function cancelAttemptInvoice(
  engine: EngineContext,
  ref: ActionRef,
  invoice: InvoiceOfAttempt,
  by: ChangedBy,
): Promise<void> {
  if (invoice.paidOut) return forwardAttempt(engine, ref, invoice, by);
  if (invoice.wraps && (await mayPayOut(engine, invoice.hash))) return;
  await applyToAttempt(engine, ref, await cancelAtNode(engine, invoice), by);
}

/**
 * Goes on with a wrapped attempt whose money is held; see forwardOrSettle. Whoever has paid the payee settles at once: nobody else has to find
 * that first.
 */
export async function forwardAttempt(
  engine: EngineContext,
  ref: ActionRef,
  invoice: InvoiceOfAttempt,
  by: ChangedBy,
): Promise<void> {
  const outcome = await forwardOrSettle(engine, invoice, by);
  if (outcome === undefined) return;
  if ('incoming' in outcome) return applyToAttempt(engine, ref, outcome.incoming, by);
  const { outgoing } = outcome;
  const applied = await transact(engine, (tx) =>
    applyPaymentUpdate(engine, tx, outgoing, { by, settles: true }),
  );
  if (applied !== 'applied' || outgoing.state !== 'succeeded') return;
  const [update, target] = await Promise.all([
    settleAtNode(engine, { ...invoice, isForwarded: true }, outgoing.preimage),
    findTarget(engine.pool, ref),
  ]);
  await transact(engine, (tx) => applyAttemptUpdate(engine, tx, target, update, by));
}

async function applyToAttempt(
  engine: EngineContext,
  ref: ActionRef,
  update: InvoiceUpdate,
  by: ChangedBy,
): Promise<void> {
  await transact(engine, async (tx) =>
    applyAttemptUpdate(engine, tx, await findTarget(tx, ref), update, by),
  );
}
