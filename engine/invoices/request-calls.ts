import type { ClientBase } from 'pg';
import { NODE_CALLS, type NodeCallKind } from '../../domain/invoices/node-calls.js';

/** Asks for a call to the node for the invoices or payments of attempts, once the transaction has committed; once as long as it is open. */
export async function requestCalls(
  tx: ClientBase,
  kind: NodeCallKind,
  refs: readonly { readonly actionId: string; readonly attempt: number }[],
): Promise<void> {
  // Payments that were given up are not sent again.
  const source =
    kind === 'send_payment' ? `(select * from payments where state <> 'failed')` : 'invoices';
  await tx.query(
    `insert into outbox (destination, kind, ordering_key, subject, payload, priority)
     select 'node', $1, i.hash, i.hash, '{}', $2
     from unnest($3::uuid[], $4::integer[]) as r(action_id, attempt)
     join ${source} i on i.action_id = r.action_id and i.attempt = r.attempt
     on conflict do nothing`,
    [
      kind,
      NODE_CALLS[kind].priority,
      refs.map(({ actionId }) => actionId),
      refs.map(({ attempt }) => attempt),
    ],
  );
}

/** The same for the invoices of an order that the node may still take money for. What a gateway has shown, it lets expire. */
export async function requestOrderCalls(
  tx: ClientBase,
  kind: NodeCallKind,
  orderId: string,
): Promise<void> {
  await tx.query(
    `insert into outbox (destination, kind, ordering_key, subject, payload, priority)
     select 'node', $1, hash, hash, '{}', $2 from invoices
     where order_id = $3 and (state = 'wanted' or state = 'open' and gateway is null) on conflict do nothing`,
    [kind, NODE_CALLS[kind].priority, orderId],
  );
}
