import type { ClientBase } from 'pg';
import { pipeline } from '../../../db/pipeline.js';
import type { InvoiceUpdate } from '../../invoices/record-update.js';
import { type LockedAttempt, moveLocked } from '../move-attempt.js';
import { bookPaid, type PaidAttempt } from '../book-payments.js';
import { onPaid } from '../types/index.js';
import type { PayOut } from '../types/paid-action-type.js';
import type { ChangedBy } from '../../transition.js';

/** A locked attempt in a state which allows it to be paid, its payment, and the shares of it. */
export interface SettledAttempt extends LockedAttempt {
  readonly update: InvoiceUpdate;
  readonly payOuts: readonly PayOut[];
}

/** Marks attempts as paid, with everything that comes with it: any number of them in the same statements. */
export async function settleAttempts(
  tx: ClientBase,
  settled: readonly SettledAttempt[],
  by: ChangedBy,
): Promise<void> {
  const subjects = settled.map(({ subject }) => subject);
  await pipeline([
    moveLocked(tx, settled, { event: 'settled' }, by),
    onPaid(tx, subjects),
    bookPaid(tx, settled.map(paidByInvoice)),
  ]);
}

function paidByInvoice({ subject, attempt, update, payOuts }: SettledAttempt): PaidAttempt {
  const ref = { actionId: subject.id, attempt: attempt.attempt };
  const source = { kind: 'invoice', amountMsat: update.receivedMsat } as const;
  return { ref, source, payOuts, actor: subject.actor };
}
