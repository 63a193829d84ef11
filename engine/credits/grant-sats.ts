import { type ClientBase, DatabaseError } from 'pg';
import { type Msat, subtractMsat, ZERO_MSAT } from '../../domain/money.js';
import { Refusal } from '../../domain/refusal.js';
import { postEntry } from '../ledger/post-entry.js';
import { lockCredits } from './accounts.js';

/** Sats for an account from `promotion`, in msat. `key` identifies the grant, so that it is done only once. */
export interface SatsGrant {
  readonly accountId: string;
  readonly amountMsat: Msat;
  readonly key: string;
}

/** Gives an account sats, which never expire. Throws Refusal `credits.amount_too_large`. */
export async function grantSats(
  tx: ClientBase,
  { accountId, amountMsat, key }: SatsGrant,
): Promise<void> {
  // Before the entry gets its number: the balances of postings follow each other in that order.
  await lockCredits(tx, [accountId]);
  const negative = subtractMsat(ZERO_MSAT, amountMsat);
  const lines = [
    { holder: { system: 'promotion' }, asset: 'SATS', amountMsat: negative },
    { holder: { accountId }, asset: 'SATS', amountMsat },
  ] as const;
  await postEntry(tx, `grant/${key}`, lines).catch((error: unknown) => {
    // 22003: more than a BIGINT can store.
    if (!(error instanceof DatabaseError && error.code === '22003')) throw error;
    throw new Refusal('credits.amount_too_large', 'the sats of the account would be too much');
  });
}
