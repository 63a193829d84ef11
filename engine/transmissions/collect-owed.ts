import { addMsat, type Msat, ZERO_MSAT } from '../../domain/money.js';
import { Refusal } from '../../domain/refusal.js';
import { type EngineContext, transact } from '../context.js';
import { collectOpenClaims, readCollected } from '../credits/collect-claims.js';
import { type IdempotencyKey, takeKey } from '../idempotency.js';
import { emptyPurse, readEmptied } from './purse.js';

export interface CollectOwed {
  readonly orderId: string;
  /** The account that gets it. */
  readonly accountId: string;
  /** Credits, or sats, which can be withdrawn to an invoice. */
  readonly asset: 'CREDITS' | 'SATS';
  readonly idempotencyKey?: IdempotencyKey;
}

/**
 * Everything that an order owes to whoever has its token, which the caller has checked, becomes an account's; once. Throws Refusal
 * `transmission.nothing_owed`, `credits.amount_too_large`.
 */
export function collectOwed(
  engine: EngineContext,
  { orderId, accountId, asset, idempotencyKey }: CollectOwed,
): Promise<{ readonly collectedMsat: Msat; readonly replayed: boolean }> {
  return transact(engine, async (tx) => {
    const resource = { kind: 'transmission', id: orderId } as const;
    if (
      idempotencyKey !== undefined &&
      (await takeKey(tx, idempotencyKey, resource)) !== undefined
    ) {
      const collected = await readCollected(tx, { orderId }, accountId);
      const emptied = await readEmptied(tx, orderId, accountId);
      return { collectedMsat: addMsat(collected, emptied), replayed: true };
    }
    const kept = await emptyPurse(tx, { orderId, accountId, asset });
    const claims = await collectOpenClaims(tx, { owner: { orderId }, accountId, asset });
    const collectedMsat = addMsat(kept, claims ?? ZERO_MSAT);
    if (collectedMsat === ZERO_MSAT) {
      throw new Refusal('transmission.nothing_owed', `nothing of ${orderId} is to be collected`);
    }
    return { collectedMsat, replayed: false };
  });
}
