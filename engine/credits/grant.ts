import type { ClientBase } from 'pg';
import type { Us } from '../../domain/credits/time.js';
import { type Msat, subtractMsat, ZERO_MSAT } from '../../domain/money.js';
import { postEntry } from '../ledger/post-entry.js';
import { grantLots } from './grant-lots.js';
import { lockCredits } from './lock-credits.js';

export interface Grant {
  readonly accountId: string;
  readonly amountMsat: Msat;
  /** Names the grant, so that it is made once only. */
  readonly key: string;
  /** Never when left out. */
  readonly expiresUs?: Us;
}

/** Gives an account new credits, as a lot. False when this grant was made before. Throws Refusal `credits.expiry_past`. */
export async function grantCredits(
  tx: ClientBase,
  { accountId, amountMsat, key, expiresUs }: Grant,
): Promise<boolean> {
  // Before the entry has its number: balances follow from each other in the order of these.
  await lockCredits(tx, [accountId]);
  const entry = `grant/${key}`;
  const holder = { accountId };
  const posted = await postEntry(tx, entry, [
    {
      holder: { system: 'issued' },
      asset: 'CREDITS',
      amountMsat: subtractMsat(ZERO_MSAT, amountMsat),
    },
    { holder, asset: 'CREDITS', amountMsat },
  ]);
  if (!posted) return false;
  const detail = { paymentMethod: 'grant' };
  const grant = { accountId, amountMsat, expiresUs: expiresUs ?? null, detail };
  await grantLots(tx, [{ ref: entry, grants: [grant] }]);
  return true;
}
