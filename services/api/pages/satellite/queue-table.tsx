import type { JSX } from 'preact';
import type { OrderRow } from '../../../../engine/transmissions/order-row.js';
import { Empty } from '../layout.js';
import { grouped } from '../parts/money.js';
import { Badge } from '../parts/state.js';
import { Table } from '../parts/table.js';
import { Ago } from '../parts/time.js';
import { to, type View } from '../view.js';

const WORDS: Readonly<Record<string, readonly ['good' | 'warn' | 'bad' | 'info', string]>> = {
  pending: ['warn', 'waiting for payment'],
  paid: ['info', 'in the queue'],
  transmitting: ['good', 'being sent'],
  confirming: ['good', 'being confirmed'],
  sent: ['good', 'sent'],
  received: ['good', 'received'],
  cancelled: ['warn', 'cancelled'],
  expired: ['warn', 'expired, not paid'],
};

export function OrderState({ state }: { readonly state: string }): JSX.Element {
  const [kind, text] = WORDS[state] ?? ['info', state];
  return <Badge kind={kind} text={text} />;
}

/** An amount per byte as people read it. */
export function perByte(msat: number): string {
  const [whole = '', rest] = (Math.round(msat * 100) / 100).toString().split('.');
  return `${grouped(BigInt(whole))}${rest === undefined ? '' : `.${rest}`} msat/B`;
}

export function QueueTable({
  view,
  orders,
}: {
  readonly view: View;
  readonly orders: readonly OrderRow[];
}): JSX.Element {
  if (orders.length === 0)
    return <Empty>The queue is empty: what is paid now is sent at once.</Empty>;
  return (
    <Table
      rows={orders}
      keyOf={({ id }) => id}
      columns={[
        { head: 'Place', cell: (_order, n) => n + 1 },
        {
          ...{ head: 'Order', mono: true },
          cell: ({ id }) => <a href={to(view, `/satellite/orders/${id}`)}>{id.slice(0, 8)}</a>,
        },
        { head: 'State', cell: ({ state }) => <OrderState state={state} /> },
        { head: 'Bid', number: true, cell: (order) => perByte(order.bid_per_byte) },
        { head: 'Size', number: true, cell: (order) => `${grouped(order.message_size)} B` },
        { head: 'Opened', cell: (order) => <Ago at={order.created_at} /> },
      ]}
    />
  );
}
