import type { ClientBase } from 'pg';
import { Refusal } from '../../domain/refusal.js';
import { type Account, readSats } from '../accounts/accounts.js';
import { collectOpenClaims } from '../credits/collect-claims.js';
import { openPurse, purseOf } from './purse.js';

/** In whose name what an order owes is withdrawn, by whoever has its token. */
export function purseAccount(orderId: string): Account {
  return { id: purseOf(orderId), name: orderId, role: 'user' };
}

/**
 * Brings the purse of an order all that the order owes: the fill of a withdrawal by {@link purseAccount}. What the withdrawal does not spend,
 * and all of it where the payment fails, is owed again. Throws Refusal `transmission.nothing_owed`.
 */
export async function fillPurse(tx: ClientBase, orderId: string): Promise<void> {
  await openPurse(tx, orderId);
  const accountId = purseOf(orderId);
  await collectOpenClaims(tx, { owner: { orderId }, accountId, asset: 'SATS' });
  if ((await readSats(tx, accountId)) > 0n) return;
  throw new Refusal('transmission.nothing_owed', `nothing of ${orderId} is to be collected`);
}
