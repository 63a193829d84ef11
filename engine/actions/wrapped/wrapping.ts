import type { ClientBase } from 'pg';
import type { Msat } from '../../../domain/money.js';
import { type Leg, payableId, readLegs, writeLegs } from '../../ledger/legs.js';
import { findPaymentOf, type PaymentRow } from '../../payouts/payment-row.js';
import { type Action, loadAction } from '../action.js';
import { sharesOf } from '../attempt-money.js';
import { type AttemptRow, lockAttempt } from '../attempt-row.js';
import type { ActionRef } from '../contract.js';
import { leaves } from '../outgoing/book-outgoing.js';
import type { Share } from '../types/paid-action-type.js';
import { wrappedLegs } from './plan-wrapped.js';
import { noteTry } from '../wallets.js';

/** An attempt in WRAPPING, locked. */
export interface Wrapping {
  readonly ref: ActionRef;
  readonly action: Action;
  readonly attempt: AttemptRow;
  /** Of the wallet that has minted; undefined while none has. */
  readonly payment: PaymentRow | undefined;
}

/** Undefined where the attempt is not in WRAPPING any more. */
export async function lockWrapping(tx: ClientBase, ref: ActionRef): Promise<Wrapping | undefined> {
  const attempt = await lockAttempt(tx, ref);
  if (attempt.state !== 'WRAPPING') return undefined;
  const payment = await findPaymentOf(tx, ref);
  return {
    ...{ ref, attempt, action: await loadAction(tx, ref.actionId) },
    payment: payment?.state === 'open' ? payment : undefined,
  };
}

/** The shares of those who are not paid to a wallet, without the pool's. */
export async function readOthers(tx: ClientBase, ref: ActionRef): Promise<readonly Share[]> {
  const id = payableId(ref);
  const legs = (await readLegs(tx, [id])).get(id) ?? [];
  return sharesOf(legs, leaves);
}

/** The plan for an invoice of a wallet, in place of the one before. */
export async function replaceLegs(
  tx: ClientBase,
  { ref, action }: Pick<Wrapping, 'ref' | 'action'>,
  legsFor: (others: readonly Share[]) => readonly Leg[],
): Promise<void> {
  const others = await readOthers(tx, ref);
  await tx.query('delete from legs where payable = $1', [payableId(ref)]);
  await writeLegs(tx, [{ payable: ref, key: action.id, moved: [], added: legsFor(others) }]);
}

/** The invoice that a wallet has minted, and the one that wraps it, are not used. Nobody has seen them, and nothing was sent. */
export async function abandon(
  tx: ClientBase,
  { ref, action, payment, attempt }: Wrapping,
  failure: string,
): Promise<void> {
  if (payment === undefined) return;
  const asked: Msat | null = attempt.payee_msat;
  if (asked === null) throw new Error(`${payableId(ref)} has no payee`);
  await replaceLegs(tx, { ref, action }, (others) => wrappedLegs(action, others, asked, null));
  await tx.query('delete from invoices where hash = $1 and bolt11 is null', [payment.hash]);
  await tx.query(
    `update payments set state = 'failed', failure = $2, changed_at = clock_timestamp() where hash = $1`,
    [payment.hash, failure],
  );
  if (payment.wallet !== null) {
    await noteTry(tx, { action, attempt: ref.attempt }, payment.wallet, failure);
  }
}
