import type { ClientBase, Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';
import type { LedgerName } from '../../domain/credits/lot.js';
import { isoOfUs, type Us } from '../../domain/credits/time.js';
import { toMsat } from '../../domain/money.js';
import { creditSubject } from '../../domain/names/subjects.js';
import { type PostingLine, postEntry } from '../ledger/post-entry.js';
import { enqueueEvent } from '../outbox.js';
import { lockAccounts } from './accounts.js';
import { announceResources, checkAffordability } from './affordability.js';

interface DueAddress {
  readonly ledger: LedgerName;
  readonly address: string;
}

/** When the next lot expires; null when none will. Reads one row of an index. */
export async function readNextExpiry(pool: Pool): Promise<Us | null> {
  const { rows } = await pool.query<{ next: Us | null }>(
    'select to_us(min(expires_at)) as next from credit_lots where expires_at is not null',
  );
  return rows[0]?.next ?? null;
}

export interface Expiring {
  /** The maximum number of addresses. */
  readonly limit: number;
  /** The database's now when left out. */
  readonly now?: Us;
  /** Posts the expired credits of ledger `actions`, whose lots are money, in the same transaction: {@link postExpired}. */
  readonly post: (tx: ClientBase, expired: ExpiredCredits) => Promise<void>;
}

/**
 * Processes expired lots, one transaction per address: moves them to credit_past_lots with what was left of them and enqueues an
 * event. Returns the number of addresses; if it equals the limit, there may be more.
 */
export async function expireDueLots(pool: Pool, expiring: Expiring): Promise<number> {
  const { now, limit } = expiring;
  // now(), since clock_timestamp() is volatile and cannot be used to search an index.
  const { rows } = await pool.query<DueAddress>(
    `select distinct ledger, address from (
       select ledger, address from credit_lots
       where expires_at <= coalesce($1::timestamptz, now()) order by expires_at limit $2) due`,
    [now === undefined ? null : isoOfUs(now), limit],
  );
  for (const due of rows) await inTransaction(pool, (tx) => expireAddress(tx, due, expiring));
  return rows.length;
}

async function expireAddress(
  tx: ClientBase,
  { ledger, address }: DueAddress,
  { now, post }: Expiring,
): Promise<void> {
  await lockAccounts(tx, ledger, [address]);
  const { rows } = await tx.query<{ ref: string; index: number; amount: bigint; expiresUs: Us }>(
    `with expired as (
       delete from credit_lots
       where ledger = $1 and address = $2 and expires_at <= coalesce($3::timestamptz, now()) returning *),
     moved as (
       insert into credit_past_lots (ledger, address, credit_ref, credit_index, amount, expired, granted_at, expires_at)
       select ledger, address, credit_ref, credit_index, amount, remaining, granted_at, expires_at from expired),
     account as (
       update credit_accounts a set expired_at = greatest(a.expired_at, (select max(expires_at) from expired))
       where a.ledger = $1 and a.address = $2)
     select credit_ref as ref, credit_index as index, remaining as amount, to_us(expires_at) as "expiresUs" from expired
     order by expires_at, credit_ref, credit_index`,
    [ledger, address, now === undefined ? null : isoOfUs(now)],
  );
  const last = rows.at(-1);
  if (last === undefined) return;
  for (const lot of rows) await announceExpiry(tx, { ledger, address }, lot);
  if (ledger === 'aleph') {
    await announceResources(tx, address, await checkAffordability(tx, address));
  } else {
    const amountsMsat = rows.map(({ amount }) => amount);
    await post(tx, { accountId: address, amountsMsat, expiredUs: last.expiresUs });
  }
}

async function announceExpiry(
  tx: ClientBase,
  { ledger, address }: DueAddress,
  lot: { ref: string; index: number; amount: bigint; expiresUs: Us },
): Promise<void> {
  await enqueueEvent(tx, {
    subject: creditSubject(ledger, 'expired'),
    orderingKey: `credits/${ledger}/${address}`,
    payload: {
      ledger,
      address,
      creditRef: lot.ref,
      creditIndex: lot.index,
      amount: lot.amount.toString(),
      expiredAt: isoOfUs(lot.expiresUs),
    },
  });
}

/** The lots of an account that expired together. */
export interface ExpiredCredits {
  readonly accountId: string;
  /** Of each lot: their sum may be larger than an amount can be. */
  readonly amountsMsat: readonly bigint[];
  /** The latest expiry of the lots. Later calls have a later one: the account can no longer be granted lots that expired by then. */
  readonly expiredUs: Us;
}

/** Posts expired credits from the account to `expired`, under the account's lock. */
export async function postExpired(
  tx: ClientBase,
  { accountId, amountsMsat, expiredUs }: ExpiredCredits,
): Promise<void> {
  const key = `expired/${accountId}/${isoOfUs(expiredUs)}`;
  const asset = 'CREDITS';
  const lines = amountsMsat.flatMap((amountMsat): PostingLine[] => [
    { holder: { accountId }, asset, amountMsat: toMsat(-amountMsat) },
    { holder: { system: 'expired' }, asset, amountMsat: toMsat(amountMsat) },
  ]);
  const posted = await postEntry(tx, key, lines);
  if (!posted) throw new Error(`entry ${key} exists`);
}
