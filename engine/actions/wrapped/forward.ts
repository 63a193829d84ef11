import type { ClientBase } from 'pg';
import { readNow } from '../../../db/now.js';
import type { Invoice } from '../../../adapters/lightning/port.js';
import { forwardHeight } from '../../../domain/payouts/wrap-rules.js';
import { type EngineContext, transact } from '../../context.js';
import { settleAtNode, updateOf } from '../../invoices/at-node.js';
import type { InvoiceUpdate } from '../../invoices/record-update.js';
import { finishCall } from '../../outbox.js';
import { findPayment, type PaymentRow } from '../../payouts/payment-row.js';
import type { PaymentUpdate } from '../../payouts/payment-update.js';
import { completeSend } from '../../payouts/send-payment.js';
import { insertSend } from '../../payouts/sends.js';
import type { ChangedBy } from '../../transition.js';
import { loadAction } from '../action.js';
import { lockAttempt } from '../attempt-row.js';
import { moveAttempt } from '../move-attempt.js';

/** What was found: of the incoming invoice or of the outgoing payment; undefined where there is nothing to apply. */
export type ForwardOutcome =
  { readonly incoming: InvoiceUpdate } | { readonly outgoing: PaymentUpdate } | undefined;

/**
 * Goes on with a wrapped payment whose money is held: pays the payee, once, or settles with the preimage that was learned. The node is asked
 * first: what we know of the hold and of the chain may be stale. Throws LightningError while the outcome is not known.
 */
export async function forwardOrSettle(
  engine: EngineContext,
  hash: string,
  by: ChangedBy,
): Promise<ForwardOutcome> {
  const payment = await findPayment(engine.pool, hash);
  if (payment === undefined) return undefined;
  if (payment.preimage !== null) {
    const known = { hash, shown: true, isForwarded: true } as const;
    return { incoming: await settleAtNode(engine, known, payment.preimage) };
  }
  const invoice = await engine.node.lookupInvoice(hash);
  if (invoice?.state !== 'held') {
    return { incoming: updateOf({ hash, shown: true }, invoice) };
  }
  const begun = await beginForwarding(engine, payment, invoice, by);
  if (begun === undefined) return undefined;
  const outgoing = await completeSend(engine, hash, 1, begun);
  return outgoing === undefined ? undefined : { outgoing };
}

/** The transition and its first send are one transaction; whoever commits it, sends. Undefined where somebody else did, or it is too late. */
async function beginForwarding(
  engine: EngineContext,
  payment: PaymentRow,
  { held }: Invoice,
  by: ChangedBy,
): Promise<PaymentRow | undefined> {
  const { hash, actionId, attempt } = payment;
  if (held === undefined) throw new Error(`invoice ${hash} is held by nothing`);
  const [{ blockHeight: height }, now] = await Promise.all([
    engine.node.info(),
    readNow(engine.pool),
  ]);
  const maxHeight = forwardHeight({
    ...{ expiryHeight: held.expiryHeight, height, now },
    ...{ payeeDelta: payment.payeeDelta, payeeExpiresAt: payment.expiresAt },
  });
  return transact(engine, async (tx) => {
    const ref = { actionId, attempt };
    const row = await lockAttempt(tx, ref);
    if (row.state !== 'HELD') return undefined;
    const action = await loadAction(tx, actionId);
    await finishCall(tx, 'settle_invoice', hash);
    await tx.query('update invoices set accept_height = $2, expiry_height = $3 where hash = $1', [
      ...[hash, held.acceptHeight, held.expiryHeight],
    ]);
    if (maxHeight === undefined) {
      const detail = `height ${height}, held until ${held.expiryHeight}`;
      await moveAttempt(tx, action, ref, { event: 'too_late_to_forward', detail }, by);
      return undefined;
    }
    const detail = `height ${height}, held until ${held.expiryHeight}, payee until ${maxHeight}`;
    await moveAttempt(tx, action, ref, { event: 'forwarding', detail }, by);
    await firstSend(tx, hash, maxHeight);
    return { ...payment, maxHeight };
  });
}

/** Others leave the call alone while this process makes it. */
async function firstSend(tx: ClientBase, hash: string, maxHeight: number): Promise<void> {
  const { rows } = await tx.query<{ lease: number }>(
    'update payments set max_height = $2, lease = lease + 1 where hash = $1 returning lease',
    [hash, maxHeight],
  );
  const [taken] = rows;
  if (taken === undefined) throw new Error(`no payment ${hash}`);
  await insertSend(tx, { hash, n: 1, lease: taken.lease });
  await tx.query(
    `update outbox set leased_until = clock_timestamp() + interval '5 seconds'
     where destination = 'node' and kind = 'send_payment' and subject = $1 and published_at is null`,
    [hash],
  );
}
