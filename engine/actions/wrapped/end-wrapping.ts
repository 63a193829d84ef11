import { type EngineContext, transact } from '../../context.js';
import { invoiceHash, openInvoice, type WantedInvoice } from '../../invoices/open-invoice.js';
import { payableId, readLegs } from '../../ledger/legs.js';
import { finishCall } from '../../outbox.js';
import type { ChangedBy } from '../../transition.js';
import { describe } from '../action.js';
import { planLegs } from '../attempt-money.js';
import type { ActionRef } from '../contract.js';
import { tryToCreateInvoice } from '../create-invoice.js';
import { giveUp } from '../give-up.js';
import { moveAttempt } from '../move-attempt.js';
import { custodialShare } from './plan-wrapped.js';
import { abandon, lockWrapping, replaceLegs, type Wrapping } from './wrapping.js';
import { ZERO_MSAT } from '../../../domain/money.js';
import type { ClientBase } from 'pg';

/** No wallet is left, or there is no time: the payee gets credits where the type allows it, else the attempt fails. */
export async function endWrapping(
  engine: EngineContext,
  ref: ActionRef,
  by: ChangedBy,
): Promise<void> {
  const wanted = await transact(engine, (tx) => endWrappingIn(engine, tx, ref, by));
  if (wanted !== undefined) await tryToCreateInvoice(engine, wanted);
}

/** Gives the invoice that is needed instead. */
export async function endWrappingIn(
  engine: EngineContext,
  tx: ClientBase,
  ref: ActionRef,
  by: ChangedBy,
): Promise<WantedInvoice | undefined> {
  const wrapping = await lockWrapping(tx, ref);
  if (wrapping === undefined) return undefined;
  await abandon(tx, wrapping, 'too_slow');
  await finishCall(tx, 'wrap_invoice', payableId(ref));
  if (wrapping.action.type.paymentMethods.includes('pessimistic')) {
    return replan(engine, tx, wrapping, by);
  }
  const failed = await moveAttempt(tx, wrapping.action, ref, { event: 'wrapping_failed' }, by);
  const legs = (await readLegs(tx, [payableId(ref)])).get(payableId(ref)) ?? [];
  await giveUp(engine, tx, { ref, action: wrapping.action, legs }, failed?.performed ?? false);
  return undefined;
}

async function replan(
  engine: EngineContext,
  tx: ClientBase,
  { ref, action, attempt }: Wrapping,
  by: ChangedBy,
): Promise<WantedInvoice> {
  const { payee, payee_kind: kind, payee_msat: amountMsat } = attempt;
  if (payee === null || kind === null || amountMsat === null) throw new Error('no payee');
  const { creationSeconds, invoiceExpirySeconds } = engine.timers;
  const wanted: WantedInvoice = {
    ...{ payable: ref, n: 1, hash: invoiceHash(engine, ref), kind: 'hold' },
    ...{ amountMsat: action.costMsat, expirySeconds: invoiceExpirySeconds, memo: describe(action) },
  };
  const plan = {
    ...{ creditsMsat: ZERO_MSAT, satsMsat: ZERO_MSAT, invoiceMsat: action.costMsat },
    flow: 'pessimistic',
  } as const;
  await openInvoice(engine, tx, wanted);
  await replaceLegs(tx, { ref, action }, (others) =>
    planLegs(action, plan, [custodialShare({ payee, kind, amountMsat }), ...others], wanted.hash),
  );
  await moveAttempt(
    tx,
    action,
    ref,
    {
      event: 'replanned',
      set: (param) => {
        const at = `clock_timestamp() + ${param(creationSeconds)}::float8 * interval '1 second'`;
        return { flow: `'pessimistic'`, deadline_at: at, due_at: at };
      },
    },
    by,
  );
  return wanted;
}
