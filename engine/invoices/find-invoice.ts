import type { ClientBase } from 'pg';
import type { PaymentHash } from '../../adapters/lightning/port.js';
import type { Payable } from '../ledger/legs.js';
import type { KnownInvoice } from './at-node.js';

/** An invoice of ours and its payable. */
export interface OwnedInvoice extends KnownInvoice {
  readonly payable: Payable;
  /** The n-th of its payable: 1 unless an order's bid is raised. */
  readonly n: number;
}

/** The invoice with that payment hash. Undefined where the hash is not ours: the node serves others too. */
export async function findInvoice(
  db: Pick<ClientBase, 'query'>,
  hash: PaymentHash,
): Promise<OwnedInvoice | undefined> {
  const { rows } = await db.query<{
    actionId: string | null;
    attempt: number | null;
    orderId: string | null;
    orderBid: number | null;
    shown: boolean;
  }>(
    `select action_id as "actionId", attempt, order_id as "orderId", order_bid as "orderBid", bolt11 is not null as shown
     from invoices where hash = $1`,
    [hash],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const { actionId, attempt, orderId, orderBid, shown } = row;
  if (orderId !== null) return { hash, shown, payable: { orderId }, n: orderBid ?? 1 };
  if (actionId === null || attempt === null) throw new Error(`${hash} has no owner`);
  return { hash, shown, payable: { actionId, attempt }, n: 1 };
}
