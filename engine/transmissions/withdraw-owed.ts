import type { ClientBase } from 'pg';
import { Refusal } from '../../domain/refusal.js';
import { readSats } from '../accounts/accounts.js';
import type { AskedInvoice } from '../actions/outgoing/payable-invoice.js';
import { openWithdrawal } from '../actions/outgoing/open-withdrawal.js';
import type { EngineContext } from '../context.js';
import { collectOpenClaims } from '../credits/collect-claims.js';
import type { IdempotencyKey } from '../idempotency.js';
import { openPurse, purseOf } from './purse.js';

export interface WithdrawOwed extends AskedInvoice {
  readonly orderId: string;
  readonly idempotencyKey?: IdempotencyKey;
}

/**
 * Pays an invoice from what an order owes, for whoever has its token, which the caller has checked: by the rules of withdrawals, amount and
 * fee within what is owed. What routing did not cost, and all of it where the payment fails, is owed again. Throws Refusal
 * `transmission.nothing_owed`, `withdrawal.insufficient_sats` and what openWithdrawal throws; then nothing is changed.
 */
export async function withdrawOwed(
  engine: EngineContext,
  { orderId, ...request }: WithdrawOwed,
): Promise<{ readonly actionId: string; readonly replayed: boolean }> {
  const { view, replayed } = await openWithdrawal(engine, {
    ...request,
    caller: { id: purseOf(orderId), name: orderId, role: 'user' },
    fill: (tx) => fillPurse(tx, orderId),
  });
  return { actionId: view.id, replayed };
}

async function fillPurse(tx: ClientBase, orderId: string): Promise<void> {
  await openPurse(tx, orderId);
  const accountId = purseOf(orderId);
  await collectOpenClaims(tx, { owner: { orderId }, accountId, asset: 'SATS' });
  if ((await readSats(tx, accountId)) > 0n) return;
  throw new Refusal('transmission.nothing_owed', `nothing of ${orderId} is to be collected`);
}
