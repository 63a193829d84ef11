import type { ClientBase } from 'pg';
import type { PaymentHash } from '../../adapters/lightning/port.js';
import { applyAttemptUpdate } from '../actions/apply-update.js';
import { type AttemptTarget, findTarget } from '../actions/attempt-target.js';
import type { ApplyOutcome, EngineContext } from '../context.js';
import type { InvoiceUpdate } from '../invoices/record-update.js';
import type { Payable } from '../ledger/legs.js';
import { applyOrderUpdate } from '../transmissions/apply-order-update.js';
import type { ChangedBy } from '../transition.js';

/** What an invoice pays for, with all of it that does not change. */
export type PaidFor =
  | ({ readonly kind: 'attempt' } & AttemptTarget)
  | { readonly kind: 'order'; readonly orderId: string };

type Db = Pick<ClientBase, 'query'>;

/** The owner of a payment hash. Undefined where the hash is not ours: the node serves others too. */
export async function findOwner(db: Db, hash: PaymentHash): Promise<Payable | undefined> {
  const { rows } = await db.query<{
    actionId: string | null;
    attempt: number | null;
    orderId: string | null;
  }>(
    `select action_id as "actionId", attempt, order_id as "orderId" from invoices where hash = $1`,
    [hash],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  if (row.orderId !== null) return { orderId: row.orderId };
  if (row.actionId === null || row.attempt === null) throw new Error(`${hash} has no owner`);
  return { actionId: row.actionId, attempt: row.attempt };
}

/** Throws UnknownActionType where another release stored it. */
export async function findPayable(
  db: Db,
  { hash }: Pick<InvoiceUpdate, 'hash'>,
): Promise<PaidFor | undefined> {
  const owner = await findOwner(db, hash);
  if (owner === undefined) return undefined;
  return 'orderId' in owner
    ? { kind: 'order', ...owner }
    : { kind: 'attempt', ...(await findTarget(db, owner)) };
}

/**
 * Applies an invoice update in the caller's transaction: any number of callers may bring the same one, in any order, and one of
 * them changes something. Updates are routed by payment hash, never by what is current.
 */
export async function applyInvoiceUpdate(
  engine: EngineContext,
  tx: ClientBase,
  update: InvoiceUpdate,
  by: ChangedBy = 'other',
): Promise<ApplyOutcome> {
  return applyToPayable(engine, tx, await findPayable(tx, update), update, by);
}

/** {@link applyInvoiceUpdate}, once the payable has been found. */
export function applyToPayable(
  engine: EngineContext,
  tx: ClientBase,
  payable: PaidFor | undefined,
  update: InvoiceUpdate,
  by: ChangedBy,
): Promise<ApplyOutcome> {
  switch (payable?.kind) {
    case 'attempt':
      return applyAttemptUpdate(engine, tx, payable, update, by);
    case 'order':
      return applyOrderUpdate(tx, payable.orderId, update, by);
    case undefined:
      return Promise.resolve('unknown');
  }
}
