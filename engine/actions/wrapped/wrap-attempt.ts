import { type CreatedInvoice, LightningError } from '../../../adapters/lightning/port.js';
import type { Msat } from '../../../domain/money.js';
import { hidesDescriptions } from '../../accounts/settings.js';
import { type EngineContext, transact } from '../../context.js';
import { createInvoiceFor } from '../../invoices/create-for.js';
import type { WantedInvoice } from '../../invoices/open-invoice.js';
import { recordCreated } from '../../invoices/record-created.js';
import { payableId } from '../../ledger/legs.js';
import { finishCall } from '../../outbox.js';
import type { ChangedBy } from '../../transition.js';
import { applyAttemptUpdate } from '../apply-update.js';
import { findTarget } from '../attempt-target.js';
import type { ActionRef } from '../contract.js';
import { moveToInvoiced } from '../create-invoice.js';
import { moveAttempt } from '../move-attempt.js';
import { endWrapping } from './end-wrapping.js';
import { takeNextPayee } from './next-payee.js';
import { mintFor, mintWith } from './mint.js';
import { findNextWallet, type Wallet } from '../wallets.js';
import { abandon, lockWrapping, type Wrapping } from './wrapping.js';

/** For the request that opened the attempt and holds the first lease. What fails is left to those who make the call after it. */
export async function tryToWrap(engine: EngineContext, ref: ActionRef): Promise<void> {
  try {
    await wrapAttempt(engine, ref, 'other');
  } catch (error) {
    if (!(error instanceof LightningError)) throw error;
  }
}

/**
 * Has one wallet of the payee after the other mint, until what it minted is wrapped and shown; where none is left, the attempt goes on without
 * wallets or fails. Any number of processes may do it: one invoice is recorded, and shown from its row. Throws LightningError while
 * the node does not answer.
 */
export async function wrapAttempt(
  engine: EngineContext,
  ref: ActionRef,
  by: ChangedBy,
): Promise<void> {
  const { wallets } = engine;
  while (wallets !== undefined) {
    const wrapping = await transact(engine, (tx) => lockWrapping(tx, ref));
    if (wrapping === undefined) return;
    if (wrapping.payment !== undefined) {
      if (await createWrap(engine, ref, by)) return;
      continue;
    }
    const wallet = await nextWallet(engine, wrapping);
    if (wallet === undefined) {
      if (await takeNextPayee(engine, ref)) continue;
      break;
    }
    const { payee } = wrapping.attempt;
    const wanted = mintFor(wrapping);
    const hidden = payee !== null && (await hidesDescriptions(engine.pool, payee));
    await mintWith(engine, wallets, wallet, hidden ? { ...wanted, memo: '' } : wanted);
  }
  await endWrapping(engine, ref, by);
}

async function nextWallet(
  engine: EngineContext,
  { action, attempt: { attempt, payee } }: Wrapping,
): Promise<Wallet | undefined> {
  if (payee === null) return undefined;
  return findNextWallet(engine, engine.pool, { action, attempt }, payee);
}

/** False where the node refuses it: the next wallet is tried. */
async function createWrap(engine: EngineContext, ref: ActionRef, by: ChangedBy): Promise<boolean> {
  const wanted = await findWrap(engine, ref);
  if (wanted === undefined) return false;
  return createInvoiceFor(engine, wanted, {
    record: (invoice) => recordWrap(engine, ref, invoice, by),
    refused: () =>
      transact(engine, async (tx) => {
        const wrapping = await lockWrapping(tx, ref);
        if (wrapping?.payment?.hash === wanted.hash) await abandon(tx, wrapping, 'wrap_refused');
      }),
  });
}

/** What has already happened to the invoice is applied with it. False where it is not to be shown any more. */
function recordWrap(
  engine: EngineContext,
  ref: ActionRef,
  invoice: CreatedInvoice,
  by: ChangedBy,
): Promise<boolean> {
  return transact(engine, async (tx) => {
    const wrapping = await lockWrapping(tx, ref);
    if (wrapping === undefined) return isShown(tx, invoice.hash);
    if (wrapping.payment?.hash !== invoice.hash) return false;
    await moveAttempt(
      tx,
      wrapping.action,
      ref,
      moveToInvoiced(engine, invoice, 'wrapped'),
      'workflow',
    );
    await recordCreated(tx, invoice);
    await finishCall(tx, 'wrap_invoice', payableId(ref));
    if (invoice.state !== 'open') {
      const { hash, state, receivedMsat } = invoice;
      const target = await findTarget(tx, ref);
      await applyAttemptUpdate(engine, tx, target, { hash, state, receivedMsat }, by);
    }
    return true;
  });
}

async function isShown(tx: Pick<EngineContext['pool'], 'query'>, hash: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    'select from invoices where hash = $1 and bolt11 is not null',
    [hash],
  );
  return rowCount === 1;
}

async function findWrap(
  { pool }: EngineContext,
  ref: ActionRef,
): Promise<WantedInvoice | undefined> {
  const { rows } = await pool.query<{
    hash: string;
    amountMsat: Msat;
    expirySeconds: number;
    memo: string;
    descriptionHash: string | null;
    minFinalCltv: number;
  }>(
    `select i.hash, i.amount_msat as "amountMsat", i.expiry_seconds as "expirySeconds", i.memo,
       i.description_hash as "descriptionHash", i.min_final_cltv as "minFinalCltv"
     from invoices i where i.action_id = $1 and i.attempt = $2 and i.wraps is not null`,
    [ref.actionId, ref.attempt],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const { descriptionHash, ...wanted } = row;
  const described = descriptionHash === null ? {} : { descriptionHash };
  return { ...wanted, ...described, kind: 'hold', payable: ref, n: 1 };
}
