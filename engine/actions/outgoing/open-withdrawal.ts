import type { ClientBase } from 'pg';
import { pipeline } from '../../../db/pipeline.js';
import { spellBolt11 } from '../../../domain/payouts/bolt11-spelling.js';
import { Refusal } from '../../../domain/refusal.js';
import { type Account, readSats, refuseFrozen } from '../../accounts/accounts.js';
import { type EngineContext, transact } from '../../context.js';
import { lockCredits } from '../../credits/accounts.js';
import type { IdempotencyKey } from '../../idempotency.js';
import { refuseInMaintenance } from '../../maintenance-mode.js';
import type { ActionView, OpenAction } from '../contract.js';
import { findOpened, openOnce } from '../insert-action.js';
import { viewOwn } from '../read-action.js';
import { withdrawal } from '../types/withdrawal.js';
import { costOf, insertWithdrawal } from './insert-withdrawal.js';
import {
  type AskedInvoice,
  type PayableInvoice,
  readPayable,
  refuseUnpayable,
} from './payable-invoice.js';

export interface OpenWithdrawal extends AskedInvoice {
  readonly caller: Pick<Account, 'id' | 'name' | 'role'>;
  readonly idempotencyKey?: IdempotencyKey;
  /** Brings the account what it withdraws, before its balance is looked at; undone where this is refused. */
  readonly fill?: (tx: ClientBase) => Promise<void>;
}

/**
 * Reserves the amount and the most that its fee may be, and has the node pay the invoice; the view says WITHDRAWING. The node's reading of
 * the invoice counts. Throws Refusal, with nothing changed.
 */
export async function openWithdrawal(
  engine: EngineContext,
  request: OpenWithdrawal,
): Promise<{ readonly view: ActionView; readonly replayed: boolean }> {
  const asked = askedOf(request);
  const actor = request.caller.id;
  const before = await findOpened(engine.pool, asked, actor);
  if (before !== undefined) return { view: await viewOwn(engine.pool, before), replayed: true };
  const open = async (): Promise<OpenedRow> => {
    const invoice = await readPayable(engine, request);
    return transact(engine, (tx) => openRows(engine, tx, request, invoice));
  };
  const { actionId, replayed } = await openOnce(engine, { request: asked, actor }, open, (id) => ({
    actionId: id,
    replayed: true,
  }));
  return { view: await viewOwn(engine.pool, actionId), replayed };
}

interface OpenedRow {
  readonly actionId: string;
  readonly replayed: boolean;
}

/** As the request is remembered. */
function askedOf({
  bolt11,
  amountMsat,
  maxFeeMsat,
  caller,
  idempotencyKey,
}: OpenWithdrawal): OpenAction {
  const args = {
    bolt11: spellBolt11(bolt11) ?? bolt11,
    amountMsat: amountMsat?.toString() ?? null,
    maxFeeMsat: maxFeeMsat?.toString() ?? null,
  };
  const key = idempotencyKey === undefined ? {} : { idempotencyKey };
  return {
    type: withdrawal.name,
    args,
    payment: 'credits',
    caller: { kind: 'account', ...caller },
    ...key,
  };
}

async function openRows(
  engine: EngineContext,
  tx: ClientBase,
  request: OpenWithdrawal,
  invoice: PayableInvoice,
): Promise<OpenedRow> {
  const { caller: account } = request;
  const asked = askedOf(request);
  const [before, refused] = await pipeline([
    findOpened(tx, asked, account.id),
    pipeline([
      refuseFrozen(tx, account.id),
      refuseInMaintenance(tx),
      refuseUnpayable(tx, invoice.decoded),
      request.fill === undefined ? lockCredits(tx, [account.id]) : undefined,
    ]).then(
      () => undefined,
      (error: unknown) => ({ error }),
    ),
  ]);
  // What this very request did before may be why it is refused now.
  if (before !== undefined) return { actionId: before, replayed: true };
  if (refused !== undefined) throw refused.error;
  if (request.fill !== undefined) {
    await request.fill(tx);
    await lockCredits(tx, [account.id]);
  }
  const satsMsat = await readSats(tx, account.id);
  if (satsMsat < costOf(invoice)) {
    throw new Refusal(
      'withdrawal.insufficient_sats',
      `with its fee it takes ${costOf(invoice)} msat, the balance is ${satsMsat} msat`,
    );
  }
  const opened = { type: withdrawal, account, invoice, wallet: null };
  return { actionId: await insertWithdrawal(engine, tx, asked, opened), replayed: false };
}
