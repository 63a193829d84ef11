import type { ClientBase } from 'pg';
import { type Msat, subtractMsat, ZERO_MSAT } from '../../domain/money.js';
import { lockCredits, postEntry } from '../ledger/post-entry.js';

export interface Grant {
  readonly accountId: string;
  readonly amountMsat: Msat;
  /** Names the grant, so that it is made once only. */
  readonly key: string;
}

/** Gives an account new credits. False when this grant was made before. */
export async function grantCredits(tx: ClientBase, grant: Grant): Promise<boolean> {
  // Before the entry has its number: balances follow from each other in the order of these.
  await lockCredits(tx, [grant.accountId]);
  return postEntry(tx, `grant/${grant.key}`, [
    {
      holder: { system: 'issued' },
      asset: 'CREDITS',
      amountMsat: subtractMsat(ZERO_MSAT, grant.amountMsat),
    },
    { holder: { owner: grant.accountId }, asset: 'CREDITS', amountMsat: grant.amountMsat },
  ]);
}
