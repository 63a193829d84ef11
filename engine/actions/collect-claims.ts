import type { ClientBase } from 'pg';
import type { Msat } from '../../domain/money.js';
import { Refusal } from '../../domain/refusal.js';
import { refuseFrozen } from '../accounts/accounts.js';
import type { Caller } from '../accounts/caller.js';
import { type EngineContext, transact } from '../context.js';
import { collectOpenClaims, readCollected } from '../credits/collect-claims.js';
import { type IdempotencyKey, takeKey } from '../idempotency.js';
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
    return {
      collectedMsat: await readCollected(tx, { actionId }, accountId),
      replayed: true,
    };
  }
  await refuseFrozen(tx, accountId);
  const amountMsat = await collectOpenClaims(tx, {
    owner: { actionId },
    accountId,
    asset: 'CREDITS',
  });
  if (amountMsat === undefined) {
    throw new Refusal('action.nothing_owed', `nothing of action ${actionId} is to be collected`);
  }
  return { collectedMsat: amountMsat, replayed: false };
}
