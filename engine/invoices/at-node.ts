import {
  type CreatedInvoice,
  type Invoice,
  LightningError,
  type LightningRefusal,
  type PaymentHash,
  type Preimage,
} from '../../adapters/lightning/port.js';
import { maySettle } from '../../domain/invoices/settle-deadline.js';
import { ZERO_MSAT } from '../../domain/money.js';
import type { EngineContext } from '../context.js';
import { failpoint } from '../failpoint.js';
import { awaitsPayment } from './awaits-payment.js';
import { invoicePreimage, type WantedInvoice } from './open-invoice.js';
import type { InvoiceUpdate } from './record-update.js';

/**
 * Creates an invoice at the node, or finds the one that was created before. Throws LightningError: `refused` where the node refuses,
 * or has another invoice with this hash; else call it again.
 */
export function createAtNode(
  engine: EngineContext,
  wanted: WantedInvoice,
): Promise<CreatedInvoice> {
  return engine.creations.run(async () => {
    const invoice = await createOrFind(engine, wanted);
    await failpoint('after-node-create');
    const { hash, kind, amountMsat } = wanted;
    if (invoice.hash === hash && invoice.kind === kind && invoice.amountMsat === amountMsat)
      return invoice;
    throw LightningError.refused('bad_request', `the node has another invoice with hash ${hash}`);
  });
}

async function createOrFind(engine: EngineContext, wanted: WantedInvoice): Promise<CreatedInvoice> {
  const { hash, kind, amountMsat, expirySeconds, memo } = wanted;
  const { descriptionHash, minFinalCltv } = wanted;
  const extra = {
    ...(descriptionHash === undefined ? {} : { descriptionHash }),
    ...(minFinalCltv === undefined ? {} : { minFinalCltv }),
  };
  const secret = kind === 'hold' ? { hash } : { preimage: invoicePreimage(engine, wanted) };
  try {
    return await engine.node.createInvoice({
      kind,
      ...secret,
      amountMsat,
      expirySeconds,
      memo,
      ...extra,
    });
  } catch (error) {
    if (!(error instanceof LightningError) || error.code !== 'duplicate_hash') throw error;
    const [existing, { publicKey: node }] = await Promise.all([
      engine.node.lookupInvoice(hash),
      engine.node.info(),
    ]);
    if (existing === undefined) throw LightningError.unknown('the invoice exists and is not found');
    return { ...existing, node };
  }
}

/** An invoice, and whether somebody may have seen it. */
export interface KnownInvoice {
  readonly hash: PaymentHash;
  /** Its BOLT11, which is signed by the node that made it; null while nobody has seen it. */
  readonly shown: string | null;
}

/**
 * Settles a held invoice and gives what the node then says. The node is asked first: what we know of the hold and of the chain may be
 * stale. With too few blocks left it is canceled. Throws LightningError while the outcome is not known.
 */
export async function settleAtNode(
  { node }: Pick<EngineContext, 'node'>,
  known: KnownInvoice & { readonly isForwarded?: true },
  preimage: Preimage,
): Promise<InvoiceUpdate> {
  const [invoice, { blockHeight: height }] = await Promise.all([
    node.lookupInvoice(known.hash),
    node.info(),
  ]);
  if (invoice?.state !== 'held') return updateOf(known, invoice);
  const expiryHeight = invoice.held?.expiryHeight;
  if (expiryHeight === undefined) throw new Error(`invoice ${known.hash} is held by nothing`);
  const isForwarded = known.isForwarded ?? false;
  if (!maySettle({ expiryHeight, height }, isForwarded)) return cancelAtNode({ node }, known);
  const done = await tolerating(['already_canceled'], () => node.settleInvoice(preimage));
  await failpoint('after-settle-before-apply');
  // What is held is complete, so that is what was settled.
  if (done) return updateOf(known, { ...invoice, state: 'settled' });
  return updateOf(known, await node.lookupInvoice(known.hash));
}

/** Cancels an invoice and gives what the node then says: if it was settled before, the money counts. Throws LightningError. */
export async function cancelAtNode(
  { node }: Pick<EngineContext, 'node'>,
  known: KnownInvoice,
): Promise<InvoiceUpdate> {
  await tolerating(['already_settled', 'unknown_hash'], () => node.cancelInvoice(known.hash));
  await failpoint('after-cancel-before-apply');
  return updateOf(known, await node.lookupInvoice(known.hash));
}

/**
 * Asks the node, and closes an invoice that has expired and is open all the same. Undefined where it is open and may still be paid.
 * Throws LightningError.
 */
export async function closeAtNode(
  engine: Pick<EngineContext, 'node' | 'pool'>,
  known: KnownInvoice,
): Promise<InvoiceUpdate | undefined> {
  const invoice = await engine.node.lookupInvoice(known.hash);
  if (invoice?.state !== 'open') return updateOf(known, invoice);
  return (await awaitsPayment(engine.pool, known.hash)) ? undefined : cancelAtNode(engine, known);
}

/**
 * An invoice that the node does not know was never created, so nobody can have paid it; unless it was shown: then this is the wrong
 * node, or one that was restored, and what it says decides nothing. So it is where the node has another one with that hash, as the wrong
 * node may after an answer that was lost.
 */
export function updateOf(
  { hash, shown }: KnownInvoice,
  invoice: Invoice | undefined,
): InvoiceUpdate {
  if (shown !== null && invoice?.bolt11 !== shown) {
    throw LightningError.unknown(
      `the node does not know invoice ${hash} as it was shown: is it the right node?`,
    );
  }
  const state = invoice?.state ?? 'canceled';
  if (state === 'open') throw LightningError.unknown(`invoice ${hash} is still open`);
  return { hash, state, receivedMsat: invoice?.receivedMsat ?? ZERO_MSAT };
}

/** Whether the node did it. */
async function tolerating(
  codes: readonly LightningRefusal[],
  call: () => Promise<void>,
): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    const tolerated = error instanceof LightningError && codes.some((code) => code === error.code);
    if (!tolerated) throw error;
    return false;
  }
}
