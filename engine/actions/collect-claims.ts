import type { ClientBase } from 'pg';
import { pipeline } from '../../db/pipeline.js';
import { addMsat, type Msat, subtractMsat, ZERO_MSAT } from '../../domain/money.js';
import { Refusal } from '../../domain/refusal.js';
import { refuseFrozen } from '../accounts/accounts.js';
import type { Caller } from '../accounts/caller.js';
import { type EngineContext, transact } from '../context.js';
import { lockCredits } from '../credits/accounts.js';
import { grantLots } from '../credits/grant.js';
import { type IdempotencyKey, takeKey } from '../idempotency.js';
import { postEntries } from '../ledger/post-entry.js';
import { notFound } from './cancel.js';
import type { ActionView } from './contract.js';
import { viewAction, viewOwn } from './read-action.js';

export interface CollectClaims {
  readonly actionId: string;
  /** Of the action, which was opened without an account. */
  readonly capability: string | undefined;
  /** Who gets the credits. */
  readonly collector: Extract<Caller, { kind: 'account' }>;
  readonly idempotencyKey?: IdempotencyKey;
}

export interface Collected {
  readonly view: ActionView;
  /** What the account has collected of this action: now, or of a replay in all. */
  readonly collectedMsat: Msat;
  readonly replayed: boolean;
}

/**
 * Everything that an action owes to its anonymous author becomes credits of an account, which never expire; once. Throws Refusal
 * `action.not_found` without the action's capability, `action.nothing_owed`, `credits.amount_too_large`.
 */
export async function collectClaims(
  engine: EngineContext,
  request: CollectClaims,
): Promise<Collected> {
  const { actionId, capability } = request;
  // Only the capability counts here: nobody collects for another because of a role.
  const holder: Caller =
    capability === undefined ? { kind: 'anonymous' } : { kind: 'anonymous', capability };
  if ((await viewAction(engine.pool, actionId, holder)) === undefined) throw notFound(actionId);
  const collected = await transact(engine, (tx) => collect(tx, request));
  return { ...collected, view: await viewOwn(engine.pool, actionId) };
}

async function collect(
  tx: ClientBase,
  { actionId, collector: { id: accountId }, idempotencyKey }: CollectClaims,
): Promise<Omit<Collected, 'view'>> {
  if (
    idempotencyKey !== undefined &&
    (await takeKey(tx, idempotencyKey, { kind: 'action', id: actionId })) !== undefined
  ) {
    return { collectedMsat: await readCollected(tx, actionId, accountId), replayed: true };
  }
  await refuseFrozen(tx, accountId);
  // Accounts are locked before anything else, everywhere.
  const [, claims] = await pipeline([
    lockCredits(tx, [accountId]),
    takeOpen(tx, actionId, accountId),
  ]);
  const [first] = claims;
  if (first === undefined) {
    throw new Refusal('action.nothing_owed', `nothing of action ${actionId} is to be collected`);
  }
  const amountMsat = addMsat(...claims.map((claim) => claim.amountMsat));
  await credit(tx, { accountId, actionId, amountMsat, key: `claims/${actionId}/${first.id}` });
  return { collectedMsat: amountMsat, replayed: false };
}

interface TakenClaim {
  readonly id: bigint;
  readonly amountMsat: Msat;
}

/** Of concurrent collectors one takes a claim: the others wait for the row, and find it collected. */
async function takeOpen(
  tx: ClientBase,
  actionId: string,
  accountId: string,
): Promise<TakenClaim[]> {
  const { rows } = await tx.query<TakenClaim>(
    `with open as materialized (
       select id from claims where action_id = $1 and state = 'open' order by id for no key update),
     taken as (
       update claims c set state = 'collected', collected_by_account = $2, changed_at = clock_timestamp()
       from open where c.id = open.id and c.state = 'open' returning c.id, c.amount_msat)
     select id, amount_msat as "amountMsat" from taken order by id`,
    [actionId, accountId],
  );
  return rows;
}

interface Credit {
  readonly accountId: string;
  readonly actionId: string;
  readonly amountMsat: Msat;
  readonly key: string;
}

/** The sats that were owed back the credits that are issued for them. */
async function credit(
  tx: ClientBase,
  { accountId, actionId, amountMsat, key }: Credit,
): Promise<void> {
  const negative = subtractMsat(ZERO_MSAT, amountMsat);
  const detail = { origin: actionId, paymentMethod: 'claim' };
  const [[posted]] = await pipeline([
    postEntries(tx, [
      {
        key,
        lines: [
          { holder: { system: 'claims' }, asset: 'SATS', amountMsat: negative },
          { holder: { system: 'backing' }, asset: 'SATS', amountMsat },
          { holder: { system: 'issued' }, asset: 'CREDITS', amountMsat: negative },
          { holder: { accountId }, asset: 'CREDITS', amountMsat },
        ],
      },
    ]),
    grantLots(tx, [{ ref: key, grants: [{ accountId, amountMsat, expiresUs: null, detail }] }]),
  ]);
  if (posted !== true) throw new Error(`${key} was booked before`);
}

async function readCollected(tx: ClientBase, actionId: string, accountId: string): Promise<Msat> {
  const { rows } = await tx.query<{ msat: Msat }>(
    `select coalesce(sum(amount_msat), 0)::bigint as msat from claims
     where action_id = $1 and collected_by_account = $2`,
    [actionId, accountId],
  );
  return rows[0]?.msat ?? ZERO_MSAT;
}
