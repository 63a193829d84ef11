import { type ClientBase, DatabaseError } from 'pg';
import { isoOfUs, type Us } from '../../domain/credits/time.js';
import { Refusal } from '../../domain/refusal.js';
import type { RowDetail } from './history-rows.js';

/** A lot for an account. */
export interface LotGrant {
  readonly accountId: string;
  readonly amountMsat: bigint;
  /** Null: never. */
  readonly expiresUs: Us | null;
  readonly detail: Pick<RowDetail, 'origin' | 'originRef' | 'paymentMethod'>;
}

/** Lots given because of the entry that posts the same. */
export interface LotGrants {
  /** Names the entry. */
  readonly ref: string;
  readonly grants: readonly LotGrant[];
}

/**
 * Gives lots of ledger `actions` to accounts that are locked, at a moment after everything that was done to them: nothing has to
 * be replayed, and one statement does it. Throws Refusal `credits.expiry_past`, `credits.amount_too_large`.
 */
export async function grantLots(tx: ClientBase, all: readonly LotGrants[]): Promise<void> {
  const grants = all.flatMap(({ ref, grants: of }) =>
    of.map((grant, index) => ({ ...grant, ref, index })),
  );
  if (grants.length === 0) return;
  const { rows } = await tx
    .query<{ granted: bigint }>(GIVE, [
      grants.map(({ ref }) => ref),
      grants.map(({ index }) => index),
      grants.map(({ accountId }) => accountId),
      grants.map(({ amountMsat }) => amountMsat),
      grants.map(({ expiresUs }) => (expiresUs === null ? null : isoOfUs(expiresUs))),
      grants.map(({ detail }) => detail.origin ?? null),
      grants.map(({ detail }) => detail.originRef ?? null),
      grants.map(({ detail }) => detail.paymentMethod ?? null),
    ])
    .catch((error: unknown) => {
      throw isTooLarge(error)
        ? new Refusal('credits.amount_too_large', 'an account would have been given too much')
        : error;
    });
  if (Number(rows[0]?.granted) === grants.length) return;
  throw new Refusal('credits.expiry_past', 'credits would expire before they are given');
}

const GIVE = `
  with asked as (
    select * from unnest($1::text[], $2::integer[], $3::text[], $4::bigint[], $5::timestamptz[], $6::text[], $7::text[], $8::text[])
      as g(ref, index, address, amount, expires_at, origin, origin_ref, payment_method)),
  moment as materialized (
    select g.ref, max(greatest(clock_timestamp(), debit_at + interval '1 us', expired_at + interval '1 us')) as at
    from asked g join credit_accounts a on a.ledger = 'actions' and a.address = g.address group by g.ref),
  granting as (
    select g.*, moment.at from asked g join moment using (ref)
    where expires_at is null or expires_at > moment.at),
  history as (
    insert into credit_history (ledger, credit_ref, credit_index, address, amount, at, expires_at, provider, origin,
      origin_ref, payment_method)
    select 'actions', ref, index, address, amount, at, expires_at, 'QUITTANCE', origin, origin_ref, payment_method from granting),
  lots as (
    insert into credit_lots (ledger, address, credit_ref, credit_index, amount, remaining, granted_at, expires_at)
    select 'actions', address, ref, index, amount, amount, at, expires_at from granting),
  accounts as (
    update credit_accounts a set granted = a.granted + s.amount
    from (select address, sum(amount)::bigint as amount from granting group by address) s
    where a.ledger = 'actions' and a.address = s.address)
  select count(*) as granted from granting`;

/** 22003: more than a BIGINT holds. */
function isTooLarge(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === '22003';
}
