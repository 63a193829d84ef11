import type { ClientBase } from 'pg';
import type { PaymentHash } from '../../adapters/lightning/port.js';
import type { Payable } from '../ledger/legs.js';
import type { KnownInvoice } from './at-node.js';

/** An invoice of ours and its payable. */
export interface OwnedInvoice extends KnownInvoice {
  readonly payable: Payable;
  /** The n-th of its payable: 1 unless an order's bid is raised. */
  readonly n: number;
  /** The invoice wraps that of a payee. */
  readonly wraps: boolean;
  /** The payee has been paid: its preimage settles the invoice. */
  readonly paidOut: boolean;
  /** Made by a gateway in place of our node. */
  readonly gateway: 'charge' | null;
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
    shown: string | null;
    wraps: boolean;
    paidOut: boolean;
    gateway: 'charge' | null;
  }>(
    `select action_id as "actionId", attempt, order_id as "orderId", order_bid as "orderBid", bolt11 as shown,
       wraps is not null as wraps, gateway,
       exists (select from payments p where p.hash = i.wraps and p.state = 'succeeded') as "paidOut"
     from invoices i where hash = $1`,
    [hash],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const { actionId, attempt, orderId, orderBid, ...kept } = row;
  if (orderId !== null) return { hash, ...kept, payable: { orderId }, n: orderBid ?? 1 };
  if (actionId === null || attempt === null) throw new Error(`${hash} has no owner`);
  return { hash, ...kept, payable: { actionId, attempt }, n: 1 };
}
