import type { JSX } from 'preact';
import type { OrderRow } from '../../../../engine/transmissions/order-row.js';
import { Empty } from '../layout.js';
import { grouped } from '../parts/money.js';
import { Badge } from '../parts/state.js';
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
  return `${(Math.round(msat * 100) / 100).toString()} msat/B`;
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
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Place</th>
            <th scope="col">Order</th>
            <th scope="col">State</th>
            <th scope="col" class="number">
              Size
            </th>
            <th scope="col" class="number">
              Bid
            </th>
            <th scope="col">Opened</th>
          </tr>
        </thead>
        <tbody>
          {orders.map((order, n) => (
            <tr key={order.id}>
              <td>{n + 1}</td>
              <td>
                <a class="mono" href={to(view, `/satellite/orders/${order.id}`)}>
                  {order.id.slice(0, 8)}
                </a>
              </td>
              <td>
                <OrderState state={order.state} />
              </td>
              <td class="number">{grouped(order.message_size)} B</td>
              <td class="number">{perByte(order.bid_per_byte)}</td>
              <td>
                <Ago at={order.created_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
