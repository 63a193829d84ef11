import type { ClientBase, Pool } from 'pg';
import { inTransaction } from '../../db/transaction.js';
import type { LedgerName } from '../../domain/credits/lot.js';
import { isoOfUs, type Us } from '../../domain/credits/time.js';
import { creditSubject } from '../../domain/names/subjects.js';
import type { ExpiredCredits } from '../ledger/post-expired.js';
import { enqueueEvent } from '../outbox.js';
import { lockCreditAccounts } from './accounts.js';
import { checkAffordability } from './affordability.js';
import { announceResources } from './announce-resources.js';

interface DueAddress {
  readonly ledger: LedgerName;
  readonly address: string;
}

/** When the next lot expires; null when none ever does. Reads the end of an index. */
export async function readNextExpiry(pool: Pool): Promise<Us | null> {
  const { rows } = await pool.query<{ next: Us | null }>(
    'select to_us(min(expires_at)) as next from credit_lots where expires_at is not null',
  );
  return rows[0]?.next ?? null;
}

export interface Expiring {
  /** Addresses at most. */
  readonly limit: number;
  /** The database's now when left out. */
  readonly now?: Us;
  /** Books what has expired of ledger `actions`, whose lots are money: in the transaction in which they leave. */
  readonly post: (tx: ClientBase, expired: ExpiredCredits) => Promise<void>;
}

/**
 * Acts on lots that have expired: they leave the live table with what was left of them, and an event goes out. Address by address,
 * up to a limit; gives how many there were, so that the caller goes on until there are fewer.
 */
export async function expireDueLots(pool: Pool, expiring: Expiring): Promise<number> {
  const { now, limit } = expiring;
  // now() and not clock_timestamp(), by which no index can be searched.
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
  await lockCreditAccounts(tx, ledger, [address]);
  const { rows } = await tx.query<{ ref: string; index: number; amount: bigint; expiresUs: Us }>(
    `with gone as (
       delete from credit_lots
       where ledger = $1 and address = $2 and expires_at <= coalesce($3::timestamptz, now()) returning *),
     moved as (
       insert into credit_past_lots (ledger, address, credit_ref, credit_index, amount, expired, granted_at, expires_at)
       select ledger, address, credit_ref, credit_index, amount, remaining, granted_at, expires_at from gone),
     noted as (
       update credit_accounts a set expired_at = greatest(a.expired_at, (select max(expires_at) from gone))
       where a.ledger = $1 and a.address = $2)
     select credit_ref as ref, credit_index as index, remaining as amount, to_us(expires_at) as "expiresUs" from gone
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
