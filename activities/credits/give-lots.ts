import { type ClientBase, DatabaseError } from 'pg';
import { isoOfUs, type Us } from '../../domain/credits/time.js';
import { Refusal } from '../../domain/refusal.js';
import type { RowDetail } from './history-rows.js';

/** A lot for an account. */
export interface Gift {
  readonly accountId: string;
  readonly amountMsat: bigint;
  /** Null: never. */
  readonly expiresUs: Us | null;
  readonly detail: Pick<RowDetail, 'origin' | 'originRef' | 'paymentMethod'>;
}

/**
 * Gives lots of ledger `actions` to accounts that are locked, at a moment after everything that was done to them: nothing has to
 * be replayed, and one statement does it. `ref` names the entry that posts the same. Throws Refusal `credits.expiry_past`,
 * `credits.amount_too_large`.
 */
export async function giveLots(tx: ClientBase, ref: string, gifts: readonly Gift[]): Promise<void> {
  if (gifts.length === 0) return;
  const { rows } = await tx
    .query<{ given: bigint }>(GIVE, [
      ref,
      gifts.map(({ accountId }) => accountId),
      gifts.map(({ amountMsat }) => amountMsat),
      gifts.map(({ expiresUs }) => (expiresUs === null ? null : isoOfUs(expiresUs))),
      gifts.map(({ detail }) => detail.origin ?? null),
      gifts.map(({ detail }) => detail.originRef ?? null),
      gifts.map(({ detail }) => detail.paymentMethod ?? null),
    ])
    .catch((error: unknown) => {
      throw isTooLarge(error)
        ? new Refusal('credits.amount_too_large', 'an account would have been given too much')
        : error;
    });
  if (Number(rows[0]?.given) === gifts.length) return;
  throw new Refusal('credits.expiry_past', 'credits would expire before they are given');
}

const GIVE = `
  with moment as materialized (
    select max(greatest(clock_timestamp(), debit_at + interval '1 us', expired_at + interval '1 us')) as at
    from credit_accounts where ledger = 'actions' and address = any($2::text[])),
  gift as (
    select g.*, (place - 1)::integer as index, moment.at
    from unnest($2::text[], $3::bigint[], $4::timestamptz[], $5::text[], $6::text[], $7::text[])
      with ordinality as g(address, amount, expires_at, origin, origin_ref, payment_method, place)
    cross join moment
    where expires_at is null or expires_at > moment.at),
  history as (
    insert into credit_history (ledger, credit_ref, credit_index, address, amount, at, expires_at, provider, origin,
      origin_ref, payment_method)
    select 'actions', $1, index, address, amount, at, expires_at, 'QUITTANCE', origin, origin_ref, payment_method from gift),
  lots as (
    insert into credit_lots (ledger, address, credit_ref, credit_index, amount, remaining, granted_at, expires_at)
    select 'actions', address, $1, index, amount, amount, at, expires_at from gift),
  accounts as (
    update credit_accounts a set granted = a.granted + s.amount
    from (select address, sum(amount)::bigint as amount from gift group by address) s
    where a.ledger = 'actions' and a.address = s.address)
  select count(*) as given from gift`;

/** 22003: more than a BIGINT holds. */
function isTooLarge(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === '22003';
}
