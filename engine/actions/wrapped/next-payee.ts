import type { ClientBase } from 'pg';
import { MIN_OUTGOING_MSAT } from '../../../domain/payouts/wrap-rules.js';
import { type EngineContext, transact } from '../../context.js';
import type { ActionRef } from '../contract.js';
import type { WrappedShare } from '../attempt-money.js';
import type { Share } from '../types/paid-action-type.js';
import { findNextWallet } from '../wallets.js';
import { custodialShare, wrappedLegs } from './plan-wrapped.js';
import { lockWrapping, readOthers, replaceLegs, type Wrapping } from './wrapping.js';

/**
 * Where no wallet of its payee is left, another payee of the attempt that has one is paid there, and the first gets credits. False where
 * there is none.
 */
export function takeNextPayee(engine: EngineContext, ref: ActionRef): Promise<boolean> {
  return transact(engine, async (tx) => {
    const wrapping = await lockWrapping(tx, ref);
    if (wrapping === undefined || wrapping.payment !== undefined) return true;
    const next = await findNext(engine, tx, wrapping);
    if (next === undefined) return false;
    await tx.query(
      `update attempts set payee = $3, payee_kind = $4, payee_msat = $5 where action_id = $1 and attempt = $2`,
      [ref.actionId, ref.attempt, next.payee, next.kind, next.amountMsat],
    );
    const before = custodialShare(shareOf(wrapping));
    await replaceLegs(tx, wrapping, (others) =>
      wrappedLegs(
        wrapping.action,
        [before, ...others.filter((share) => !isOf(share, next))],
        next.amountMsat,
        null,
      ),
    );
    return true;
  });
}

async function findNext(
  engine: EngineContext,
  tx: ClientBase,
  { ref, action, attempt }: Wrapping,
): Promise<WrappedShare | undefined> {
  for (const { asset, holder, kind, amountMsat } of await readOthers(tx, ref)) {
    if (asset !== 'CREDITS' || !('accountId' in holder) || amountMsat < MIN_OUTGOING_MSAT) continue;
    const payee = holder.accountId;
    const tried = { action, attempt: attempt.attempt };
    if ((await findNextWallet(engine, tx, tried, payee)) !== undefined) {
      return { payee, kind, amountMsat };
    }
  }
  return undefined;
}

function shareOf({ attempt }: Wrapping): WrappedShare {
  const { payee, payee_kind: kind, payee_msat: amountMsat } = attempt;
  if (payee === null || kind === null || amountMsat === null) throw new Error('no payee');
  return { payee, kind, amountMsat };
}

function isOf({ holder, kind, amountMsat }: Share, of: WrappedShare): boolean {
  const isPayee = 'accountId' in holder && holder.accountId === of.payee;
  return isPayee && kind === of.kind && amountMsat === of.amountMsat;
}
