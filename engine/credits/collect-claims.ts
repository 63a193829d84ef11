import { type ClientBase, DatabaseError } from 'pg';
import { pipeline } from '../../db/pipeline.js';
import { addMsat, type Msat, subtractMsat, ZERO_MSAT } from '../../domain/money.js';
import { Refusal } from '../../domain/refusal.js';
import { type Holder, type PostingLine, postEntries } from '../ledger/post-entry.js';
import { lockCredits } from './accounts.js';
import { grantLots } from './grant.js';

/** What owes: an action to its anonymous author, or an order to its customer. */
export type ClaimOwner = { readonly actionId: string } | { readonly orderId: string };

export interface CollectOpen {
  readonly owner: ClaimOwner;
  readonly accountId: string;
  /** Credits that never expire, or sats, which can be withdrawn. */
  readonly asset: 'CREDITS' | 'SATS';
}

interface TakenClaim {
  readonly id: bigint;
  readonly amountMsat: Msat;
}

/**
 * Everything that is owed and open becomes an account's, once: its sum, or undefined where nothing is open. Throws Refusal
 * `credits.amount_too_large`.
 */
export async function collectOpenClaims(
  tx: ClientBase,
  { owner, accountId, asset }: CollectOpen,
): Promise<Msat | undefined> {
  // Accounts are locked before anything else, everywhere.
  const [, claims] = await pipeline([lockCredits(tx, [accountId]), takeOpen(tx, owner, accountId)]);
  const [first] = claims;
  if (first === undefined) return undefined;
  const amountMsat = addMsat(...claims.map((claim) => claim.amountMsat));
  const origin = idOf(owner);
  const key = `claims/${origin}/${first.id}`;
  await creditOwed(tx, { from: CLAIMS, accountId, origin, amountMsat, key, asset });
  return amountMsat;
}

/** Of concurrent collectors one takes a claim: the others wait for the row, and find it collected. */
async function takeOpen(
  tx: ClientBase,
  owner: ClaimOwner,
  accountId: string,
): Promise<TakenClaim[]> {
  const { rows } = await tx.query<TakenClaim>(
    `with open as materialized (
       select id from claims where ${columnOf(owner)} = $1 and state = 'open' order by id for no key update),
     taken as (
       update claims c set state = 'collected', collected_by_account = $2, changed_at = clock_timestamp()
       from open where c.id = open.id and c.state = 'open' returning c.id, c.amount_msat)
     select id, amount_msat as "amountMsat" from taken order by id`,
    [idOf(owner), accountId],
  );
  return rows;
}

const CLAIMS: Holder = { system: 'claims' };

export interface Credit {
  /** Who has the sats. */
  readonly from: Holder;
  readonly accountId: string;
  readonly origin: string;
  readonly amountMsat: Msat;
  readonly key: string;
  readonly asset: CollectOpen['asset'];
}

/** The sats that were owed become the account's, or back the credits that are issued for them. */
export async function creditOwed(
  tx: ClientBase,
  { from: holder, accountId, origin, amountMsat, key, asset }: Credit,
): Promise<void> {
  const negative = subtractMsat(ZERO_MSAT, amountMsat);
  const from: PostingLine = { holder, asset: 'SATS', amountMsat: negative };
  const detail = { origin, paymentMethod: 'claim' };
  const [[posted]] = await pipeline([
    postEntries(tx, [
      {
        key,
        lines:
          asset === 'SATS'
            ? [from, { holder: { accountId }, asset, amountMsat }]
            : [
                from,
                { holder: { system: 'backing' }, asset: 'SATS', amountMsat },
                { holder: { system: 'issued' }, asset: 'CREDITS', amountMsat: negative },
                { holder: { accountId }, asset: 'CREDITS', amountMsat },
              ],
      },
    ]).catch(refuseTooMuch),
    asset === 'SATS'
      ? Promise.resolve()
      : grantLots(tx, [{ ref: key, grants: [{ accountId, amountMsat, expiresUs: null, detail }] }]),
  ]);
  if (posted !== true) throw new Error(`${key} was booked before`);
}

/** 22003: more than a BIGINT can store. */
function refuseTooMuch(error: unknown): never {
  if (!(error instanceof DatabaseError && error.code === '22003')) throw error;
  throw new Refusal('credits.amount_too_large', 'the balance of the account would be too much');
}

/** What an account has collected of an owner, in all. */
export async function readCollected(
  tx: ClientBase,
  owner: ClaimOwner,
  accountId: string,
): Promise<Msat> {
  const { rows } = await tx.query<{ msat: Msat }>(
    `select coalesce(sum(amount_msat), 0)::bigint as msat from claims
     where ${columnOf(owner)} = $1 and collected_by_account = $2`,
    [idOf(owner), accountId],
  );
  return rows[0]?.msat ?? ZERO_MSAT;
}

function columnOf(owner: ClaimOwner): 'action_id' | 'order_id' {
  return 'orderId' in owner ? 'order_id' : 'action_id';
}

function idOf(owner: ClaimOwner): string {
  return 'orderId' in owner ? owner.orderId : owner.actionId;
}
