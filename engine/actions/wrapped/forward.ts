import type { ClientBase } from 'pg';
import { readNow } from '../../../db/now.js';
import { pipeline } from '../../../db/pipeline.js';
import { type Invoice, LightningError } from '../../../adapters/lightning/port.js';
import { forwardHeight } from '../../../domain/payouts/wrap-rules.js';
import { type EngineContext, transact } from '../../context.js';
import { settleAtNode, updateOf } from '../../invoices/at-node.js';
import type { OwnedInvoice } from '../../invoices/find-invoice.js';
import type { InvoiceUpdate } from '../../invoices/record-update.js';
import { finishCall, leaseCall } from '../../outbox.js';
import { findPayment, type PaymentRow } from '../../payouts/payment-row.js';
import type { PaymentUpdate } from '../../payouts/payment-update.js';
import { completeSend, isOther } from '../../payouts/send-payment.js';
import { insertFirstSend } from '../../payouts/sends.js';
import type { ChangedBy } from '../../transition.js';
import { loadAction } from '../action.js';
import { lockAttempt } from '../attempt-row.js';
import { type AttemptMove, moveLocked } from '../move-attempt.js';

/** What was found: of the incoming invoice or of the outgoing payment; undefined where there is nothing to apply. */
export type ForwardOutcome =
  { readonly incoming: InvoiceUpdate } | { readonly outgoing: PaymentUpdate } | undefined;

/**
 * Goes on with a wrapped payment whose money is held: pays the payee, once, or settles with the preimage that was learned. The node is asked
 * first: what we know of the hold and of the chain may be stale. Throws LightningError while the outcome is not known.
 */
export async function forwardOrSettle(
  engine: EngineContext,
  known: Pick<OwnedInvoice, 'hash' | 'shown' | 'paidOut'>,
  by: ChangedBy,
): Promise<ForwardOutcome> {
  const { hash, paidOut } = known;
  const [payment, seen] = await Promise.all([
    findPayment(engine.pool, hash),
    paidOut ? undefined : look(engine, hash),
  ]);
  if (payment === undefined) return undefined;
  if (payment.preimage !== null) {
    const forwarded = { ...known, isForwarded: true } as const;
    return { incoming: await settleAtNode(engine, forwarded, payment.preimage) };
  }
  const { invoice, ...now } = seen ?? (await look(engine, hash));
  if (invoice?.state !== 'held') {
    return { incoming: updateOf(known, invoice) };
  }
  const begun = await beginForwarding(engine, { payment, invoice, ...now }, by);
  if (begun === undefined) return undefined;
  const outgoing = await completeSend(engine, hash, 1, begun);
  return outgoing === undefined ? undefined : { outgoing };
}

interface Seen {
  readonly invoice: Invoice | undefined;
  /** Of the chain. */
  readonly height: number;
  /** The public key of the node that was asked. */
  readonly node: string;
  readonly now: Date;
}

type ToForward = Seen & { readonly payment: PaymentRow; readonly invoice: Invoice };

/** The transition and its first send are one transaction; whoever commits it, sends. Undefined where somebody else did, or it is too late. */
async function beginForwarding(
  engine: EngineContext,
  { payment, invoice: { held }, height, node, now }: ToForward,
  by: ChangedBy,
): Promise<PaymentRow | undefined> {
  const { hash, actionId, attempt } = payment;
  if (held === undefined) throw new Error(`invoice ${hash} is held by nothing`);
  if (isOther(payment, node)) {
    throw LightningError.unknown(
      `payment ${hash} is of node ${payment.node}, which this one is not`,
    );
  }
  const maxHeight = forwardHeight({
    ...{ expiryHeight: held.expiryHeight, height, now },
    ...{ payeeDelta: payment.payeeDelta, payeeExpiresAt: payment.expiresAt },
  });
  const heights = `height ${height}, held until ${held.expiryHeight}`;
  return transact(engine, async (tx) => {
    const ref = { actionId, attempt };
    const [row, action] = await pipeline([lockAttempt(tx, ref), loadAction(tx, actionId)]);
    if (row.state !== 'HELD') return undefined;
    const move: AttemptMove =
      maxHeight === undefined
        ? { event: 'too_late_to_forward', detail: heights }
        : { event: 'forwarding', detail: `${heights}, payee until ${maxHeight}` };
    await pipeline([
      finishCall(tx, 'settle_invoice', hash),
      tx.query('update invoices set accept_height = $2, expiry_height = $3 where hash = $1', [
        ...[hash, held.acceptHeight, held.expiryHeight],
      ]),
      moveLocked(tx, [{ action, attempt: row }], move, by),
      maxHeight === undefined ? undefined : firstSend(tx, hash, maxHeight),
    ]);
    return maxHeight === undefined ? undefined : { ...payment, maxHeight };
  });
}

/** All that sending depends on, asked for at the same moment. */
async function look(engine: EngineContext, hash: string): Promise<Seen> {
  const [invoice, { blockHeight: height, publicKey: node }, now] = await Promise.all([
    engine.node.lookupInvoice(hash),
    engine.node.info(),
    readNow(engine.pool),
  ]);
  return { invoice, height, node, now };
}

/** Others leave the call alone while this process makes it. */
async function firstSend(tx: ClientBase, hash: string, maxHeight: number): Promise<void> {
  await pipeline([
    tx.query('update payments set max_height = $2, lease = lease + 1 where hash = $1', [
      ...[hash, maxHeight],
    ]),
    insertFirstSend(tx, hash),
    leaseCall(tx, 'send_payment', hash),
  ]);
}
