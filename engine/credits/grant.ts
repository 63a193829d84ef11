import { type ClientBase, DatabaseError } from 'pg';
import { isoOfUs, type Us } from '../../domain/credits/time.js';
import { type Msat, subtractMsat, ZERO_MSAT } from '../../domain/money.js';
import { Refusal } from '../../domain/refusal.js';
import { postEntry } from '../ledger/post-entry.js';
import { lockCredits, NEXT_INSTANT } from './accounts.js';
import type { RowDetail } from './history-rows.js';
import { MERGE_INTO_LIVE } from './write-operation-statement.js';

/** Credits for an account from outside, in msat. */
export interface CreditGrant {
  readonly accountId: string;
  readonly amountMsat: Msat;
  /** Identifies the grant, so that it is done only once. */
  readonly key: string;
  /** Never when left out. */
  readonly expiresUs?: Us;
}

/** Grants an account new credits, as a lot or, where they never expire, into the lot that does not. False when this grant was done before. Throws Refusal `credits.expiry_past`. */
export async function grantCredits(
  tx: ClientBase,
  { accountId, amountMsat, key, expiresUs }: CreditGrant,
): Promise<boolean> {
  // Before the entry gets its number: the balances of postings follow each other in that order.
  await lockCredits(tx, [accountId]);
  const entry = `grant/${key}`;
  const holder = { accountId };
  const negative = subtractMsat(ZERO_MSAT, amountMsat);
  const posted = await postEntry(tx, entry, [
    { holder: { system: 'promotion' }, asset: 'SATS', amountMsat: negative },
    { holder: { system: 'backing' }, asset: 'SATS', amountMsat },
    { holder: { system: 'issued' }, asset: 'CREDITS', amountMsat: negative },
    { holder, asset: 'CREDITS', amountMsat },
  ]);
  if (!posted) return false;
  const detail = { paymentMethod: 'grant' };
  const grant = { accountId, amountMsat, expiresUs: expiresUs ?? null, detail };
  await grantLots(tx, [{ ref: entry, grants: [grant] }]);
  return true;
}

/** Credits for an account: a lot of its own if they expire; else they merge into the account's live lot that never expires. */
export interface LotGrant {
  readonly accountId: string;
  readonly amountMsat: bigint;
  /** Null: never. */
  readonly expiresUs: Us | null;
  readonly detail: Pick<RowDetail, 'origin' | 'originRef' | 'paymentMethod'>;
}

/** The lots that belong to one entry of the double entry. */
export interface LotGrants {
  /** The entry's key. */
  readonly ref: string;
  readonly grants: readonly LotGrant[];
}

/**
 * Grants credits of ledger `actions` to accounts that are locked, dated after everything that was done to them: nothing has to be
 * replayed, and one statement does it. Throws Refusal `credits.expiry_past`, `credits.amount_too_large`.
 */
export async function grantLots(tx: ClientBase, all: readonly LotGrants[]): Promise<void> {
  const grants = all.flatMap(({ ref, grants: of }) =>
    of.map((grant, index) => ({ ...grant, ref, index })),
  );
  if (grants.length === 0) return;
  const { rows } = await tx
    .query<{ granted: bigint }>(GRANT_LOTS, [
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
        ? new Refusal('credits.amount_too_large', 'the grants of an account would sum to too much')
        : error;
    });
  if (Number(rows[0]?.granted) === grants.length) return;
  throw new Refusal('credits.expiry_past', 'credits would expire before they are granted');
}

const GRANT_LOTS = `
  with requested as (
    select * from unnest($1::text[], $2::integer[], $3::text[], $4::bigint[], $5::timestamptz[], $6::text[], $7::text[], $8::text[])
      as g(ref, index, address, amount, expires_at, origin, origin_ref, payment_method)),
  instant as materialized (
    select r.ref, max(${NEXT_INSTANT}) as at
    from requested r join credit_accounts a on a.ledger = 'actions' and a.address = r.address group by r.ref),
  granted as (
    select r.*, instant.at from requested r join instant using (ref)
    where expires_at is null or expires_at > instant.at),
  history as (
    insert into credit_history (ledger, credit_ref, credit_index, address, amount, at, expires_at, provider, origin,
      origin_ref, payment_method)
    select 'actions', ref, index, address, amount, at, expires_at, 'QUITTANCE', origin, origin_ref, payment_method from granted),
  lots as (
    insert into credit_lots (ledger, address, credit_ref, credit_index, amount, remaining, granted_at, expires_at)
    select 'actions', address, ref, index, amount, amount, at, expires_at from granted where expires_at is not null),
  merging as (
    select distinct on (address) address, ref, index, at, sum(amount) over (partition by address)::bigint as amount
    from granted where expires_at is null order by address, at, ref collate "C", index),
  merged as (
    insert into credit_lots as l (ledger, address, credit_ref, credit_index, amount, remaining, granted_at)
    select 'actions', address, ref, index, amount, amount, at from merging
    ${MERGE_INTO_LIVE}),
  accounts as (
    update credit_accounts a set granted = a.granted + s.amount, merged_at = greatest(a.merged_at, s.merged_at)
    from (
      select address, sum(amount)::bigint as amount, max(at) filter (where expires_at is null) as merged_at
      from granted group by address) s
    where a.ledger = 'actions' and a.address = s.address)
  select count(*) as granted from granted`;

/** 22003: more than a BIGINT can store. */
function isTooLarge(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === '22003';
}
