import type { JSX } from 'preact';
import type {
  RegionProgress,
  TransmissionView,
} from '../../../../engine/transmissions/read-transmission.js';
import { Notice, Page } from '../layout.js';
import { counted, grouped, sats } from '../parts/money.js';
import { Badge } from '../parts/state.js';
import { Table } from '../parts/table.js';
import { Ago, Instant } from '../parts/time.js';
import { to, type View } from '../view.js';
import { OrderState, perByte } from './queue-table.js';

const OVER = ['received', 'cancelled', 'expired'];
const REFRESH_SECONDS = 5;

/** What everybody may see of an order. What is its owner's is read by a script, with the token from the fragment. */
export function OrderPage({ view, order }: { view: View; order: TransmissionView }): JSX.Element {
  const { id, state } = order.order;
  const moving = !OVER.includes(state);
  return (
    <Page
      view={view}
      title="Transmission"
      events={moving ? to(view, '/satellite/events') : undefined}
      refreshSeconds={moving ? REFRESH_SECONDS : undefined}
      scripts={['satellite.js']}
    >
      <div id="order" data-live data-say={`The transmission is ${state}`}>
        <p class="big">
          <OrderState state={state} />
        </p>
        <OrderFacts order={order} />
        <h2>Regions</h2>
        <Regions regions={order.regions} />
        {order.regions.some(({ sent, received }) => [sent, received].includes('presumed')) && (
          <p class="small">
            Presumed: no station has confirmed it, and there is no more time for that.
          </p>
        )}
      </div>
      <div id="own" data-order={id} data-own-part={to(view, `/satellite/orders/${id}/own`)} />
      <noscript>
        <p class="small">
          To cancel the order or to see its invoice here takes JavaScript: the token in the address
          never leaves your browser otherwise.
        </p>
      </noscript>
    </Page>
  );
}

function OrderFacts({ order: { order } }: { readonly order: TransmissionView }): JSX.Element {
  return (
    <dl class="facts">
      <dt>Order</dt>
      <dd class="mono">{order.id}</dd>
      <dt>Size</dt>
      <dd>
        {grouped(order.message_size)} bytes, {grouped(order.ota_bytes)} on air
      </dd>
      <dt>Bid</dt>
      <dd>
        {order.bid_msat > 0n && `${sats(order.bid_msat)} paid (${perByte(order.bid_per_byte)})`}
        {order.bid_msat > 0n && order.unpaid_bid_msat > 0n && ', '}
        {order.unpaid_bid_msat > 0n && `${sats(order.unpaid_bid_msat)} not paid yet`}
      </dd>
      {order.tx_seq_num !== null && (
        <>
          <dt>Number on air</dt>
          <dd>{order.tx_seq_num}</dd>
        </>
      )}
      <dt>Opened</dt>
      <dd>
        <Instant at={order.created_at} />
      </dd>
      {order.retry_count > 0 && (
        <>
          <dt>Sent again</dt>
          <dd>{counted(order.retry_count, 'time')}</dd>
        </>
      )}
    </dl>
  );
}

function Regions({ regions }: { readonly regions: readonly RegionProgress[] }): JSX.Element {
  return (
    <Table
      rows={regions}
      keyOf={({ region }) => region}
      columns={[
        { head: 'Region', cell: ({ name }) => name },
        { head: 'Sent', cell: ({ sent, sentAt }) => <Progress what={sent} at={sentAt} /> },
        {
          head: 'Received',
          cell: ({ received, receivedAt }) => <Progress what={received} at={receivedAt} />,
        },
      ]}
    />
  );
}

function Progress({ what, at }: { what: RegionProgress['sent']; at: Date | null }): JSX.Element {
  if (what === 'no') return <span class="meta">not yet</span>;
  return (
    <>
      <Badge
        kind={what === 'confirmed' ? 'good' : 'warn'}
        text={what === 'confirmed' ? 'confirmed' : 'presumed'}
      />{' '}
      {at !== null && (
        <span class="small">
          <Ago at={at} />
        </span>
      )}
    </>
  );
}

/** What was just opened: its link with the token, and its invoice. The token is nowhere but in the link. */
export function ReceiptPage({
  view,
  order,
  token,
  text,
  site,
}: {
  readonly view: View;
  readonly order: TransmissionView;
  readonly token: string;
  /** What was typed: how it begins names the order on this device. */
  readonly text: string;
  /** Where the page is, like `https://example.com`. */
  readonly site: string;
}): JSX.Element {
  const path = to(view, `/satellite/orders/${order.order.id}#${token}`);
  const hash = order.invoices.at(-1)?.hash;
  return (
    <Page view={view} title="Order opened" scripts={['satellite.js']}>
      <Notice kind="good">
        <p>
          Pay now, and keep the link of the order: with it you see how far it has come, and can
          cancel it. This browser keeps it too, among your orders, where it runs scripts; it is
          shown nowhere else.
        </p>
      </Notice>
      <p
        class="row"
        data-keep-order={order.order.id}
        data-keep-token={token}
        data-keep-text={text.replace(/\s+/g, ' ').trim().slice(0, 40)}
        data-keep-at={order.order.created_at.toISOString()}
      >
        {hash !== undefined && (
          <a class="button primary" href={to(view, `/pay/${hash}`)}>
            Pay {sats(order.order.unpaid_bid_msat)}
          </a>
        )}
        <a class="button" href={path}>
          The order
        </a>
      </p>
      <p class="mono">
        {site}
        {path}
      </p>
    </Page>
  );
}
