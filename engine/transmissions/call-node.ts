import { type Invoice, LightningError } from '../../adapters/lightning/port.js';
import { ZERO_MSAT } from '../../domain/money.js';
import { type EngineContext, transact } from '../context.js';
import { CallbackNotRegistered, closeAtGateway, createAtGateway } from '../invoices/at-gateway.js';
import { cancelAtNode, closeAtNode, createAtNode, type KnownInvoice } from '../invoices/at-node.js';
import type { WantedInvoice } from '../invoices/open-invoice.js';
import type { InvoiceUpdate } from '../invoices/record-update.js';
import { applyCallback } from './apply-callback.js';
import { applyOrderUpdate } from './apply-order-update.js';
import { expireOrder } from './end-order.js';
import { findWantedBid, recordGatewayInvoice, recordOrderInvoice } from './order-invoice.js';

/** An invoice as its order's customer is shown it. */
export interface ShownInvoice {
  /** By which we name it. */
  readonly hash: string;
  readonly amountMsat: Invoice['amountMsat'];
  readonly bolt11: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** Of a gateway: its answer, word for word. */
  readonly answer?: Readonly<Record<string, unknown>>;
}

/**
 * Creates the invoice of a bid at the node, or finds the one that was created before, and records it. Undefined when it must not be
 * shown, because its order no longer waits for it: then the node has closed it. `digest`: of the message, where the caller has it.
 * Throws LightningError, CallbackNotRegistered.
 */
export async function ensureOrderInvoice(
  engine: EngineContext,
  orderId: string,
  wanted: WantedInvoice,
  digest?: string,
): Promise<ShownInvoice | undefined> {
  if (engine.gateway !== undefined) return ensureAtGateway(engine, orderId, wanted, digest);
  const invoice = await createAtNode(engine, wanted);
  const shown = await transact(engine, (tx) => recordOrderInvoice(engine, tx, orderId, invoice));
  if (shown) return invoice;
  const update = await cancelAtNode(engine, { hash: wanted.hash, shown: null });
  await transact(engine, (tx) => applyOrderUpdate(tx, orderId, update, 'other'));
  return undefined;
}

async function ensureAtGateway(
  engine: EngineContext,
  orderId: string,
  wanted: WantedInvoice,
  digest?: string,
): Promise<ShownInvoice | undefined> {
  const { gateway } = engine;
  if (gateway === undefined) throw new Error('there is no gateway');
  const about = { orderId, messageDigest: digest ?? (await digestOf(engine, orderId)) };
  const made = await createAtGateway(engine, gateway, wanted, about);
  const shown = await transact(engine, (tx) => recordGatewayInvoice(engine, tx, wanted, made));
  if (shown === undefined) return undefined;
  // It may have called back before its invoice was shown.
  if (shown.told) await applyCallback(engine, orderId, made.id);
  const createdAt = new Date();
  const expiresAt = new Date(createdAt.getTime() + wanted.expirySeconds * 1000);
  const { hash, amountMsat } = wanted;
  return { hash, amountMsat, bolt11: made.bolt11, createdAt, expiresAt, answer: made.answer };
}

async function digestOf({ pool }: Pick<EngineContext, 'pool'>, orderId: string): Promise<string> {
  const { rows } = await pool.query<{ digest: string }>(
    'select message_digest as digest from orders where id = $1',
    [orderId],
  );
  return rows[0]?.digest ?? '';
}

/**
 * Creates the invoice of a bid, for those who make the call when the request that opened it did not. When the node refuses, the bid is
 * given up, and with its only bid the order expires. Throws LightningError when the node was not reached or its answer was lost: call
 * it again.
 */
export async function createOrderInvoice(
  engine: EngineContext,
  orderId: string,
  n: number,
): Promise<void> {
  const wanted = await findWantedBid(engine.pool, orderId, n);
  if (wanted === undefined) return;
  try {
    await ensureOrderInvoice(engine, orderId, wanted);
  } catch (error) {
    const isFinal =
      error instanceof CallbackNotRegistered ||
      (error instanceof LightningError && error.kind === 'refused');
    if (!isFinal) throw error;
    const why = error instanceof LightningError ? error.code : 'no callback';
    const reason = `the node refused to create its invoice: ${why}`;
    if (n > 1) await giveUpBid(engine, orderId, wanted.hash);
    else await transact(engine, (tx) => expireOrder(tx, orderId, reason, 'workflow'));
  }
}

/** The invoice of a bid that nobody was shown is not to be paid any more. */
export async function giveUpBid(
  engine: EngineContext,
  orderId: string,
  hash: string,
): Promise<void> {
  const update: InvoiceUpdate = { hash, state: 'canceled', receivedMsat: ZERO_MSAT };
  await transact(engine, (tx) => applyOrderUpdate(tx, orderId, update, 'other'));
}

interface OrderRef {
  readonly orderId: string;
}

/** {@link createOrderInvoice} of all bids of an order, for its workflow. */
export async function createOrderInvoices(
  engine: EngineContext,
  { orderId }: OrderRef,
): Promise<void> {
  const { rows } = await engine.pool.query<{ n: number }>(
    `select order_bid as n from invoices where order_id = $1 and state = 'wanted' order by order_bid`,
    [orderId],
  );
  for (const { n } of rows) await createOrderInvoice(engine, orderId, n);
}

/**
 * Looks up at the node the invoices that may still be paid of an order that has expired or ended, closes those that are open, and
 * applies the node's answer: one that was paid in time counts. Throws LightningError when the node was not reached or its answer was
 * lost: call it again.
 */
export async function closeOrderInvoices(
  engine: EngineContext,
  { orderId }: OrderRef,
): Promise<void> {
  const { rows } = await engine.pool.query<KnownInvoice & { gateway: string | null }>(
    `select hash, bolt11 as shown, gateway from invoices
     where order_id = $1 and state in ('wanted', 'open') order by order_bid`,
    [orderId],
  );
  for (const { gateway, ...known } of rows) {
    const update = await closeInvoice(engine, known, gateway !== null);
    if (update === undefined) continue;
    await transact(engine, (tx) => applyOrderUpdate(tx, orderId, update, 'workflow'));
  }
}

/** Undefined where a gateway, which closes nothing, has still to let it expire. */
export async function closeInvoice(
  engine: EngineContext,
  known: KnownInvoice,
  ofGateway: boolean,
): Promise<InvoiceUpdate | undefined> {
  if (!ofGateway) return closeAtNode(engine, known);
  if (engine.gateway !== undefined) return closeAtGateway(engine, engine.gateway, known.hash);
  throw LightningError.unavailable('the gateway of this invoice is not configured');
}
