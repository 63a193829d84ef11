import type { ClientBase } from 'pg';
import { isoOfUs, type Us } from '../../domain/credits/time.js';
import { toMsat } from '../../domain/money.js';
import { type Line, postEntry } from './post-entry.js';

/** What one expiry of an account's lots took away from it. */
export interface ExpiredCredits {
  readonly accountId: string;
  /** Of each lot: together they may be more than an amount can be. */
  readonly amountsMsat: readonly bigint[];
  /** The latest expiry among the lots: never that of an earlier call, since whoever was swept can no longer be given such a lot. */
  readonly expiredUs: Us;
}

/** Books credits that have expired, with the lots that leave, under the account's lock. */
export async function postExpired(
  tx: ClientBase,
  { accountId, amountsMsat, expiredUs }: ExpiredCredits,
): Promise<void> {
  const key = `expired/${accountId}/${isoOfUs(expiredUs)}`;
  const asset = 'CREDITS';
  const lines = amountsMsat.flatMap((amountMsat): Line[] => [
    { holder: { accountId }, asset, amountMsat: toMsat(-amountMsat) },
    { holder: { system: 'expired' }, asset, amountMsat: toMsat(amountMsat) },
  ]);
  const posted = await postEntry(tx, key, lines);
  if (!posted) throw new Error(`entry ${key} exists`);
}
