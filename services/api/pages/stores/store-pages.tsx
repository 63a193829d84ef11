import type { JSX } from 'preact';
import type {
  StoreOrderView,
  StoreView,
  TrailView,
} from '../../../../engine/intake/stores/read-stores.js';
import type { ThresholdView } from '../../../../engine/intake/thresholds/read-versions.js';
import type { Duration } from '../../../../domain/intake/thresholds/stay.js';
import type { IdView } from '../../../../engine/intake/orders/read-ids.js';
import { Empty, More, Page } from '../layout.js';
import { counted } from '../parts/money.js';
import { Badge } from '../parts/state.js';
import { Table } from '../parts/table.js';
import { Ago, Instant } from '../parts/time.js';
import { to, type View } from '../view.js';
import { CurveChart, hoursText } from './curve-chart.js';
import { GapMap } from './gap-map.js';
import { StoreNav } from './store-nav.js';

export function StoresPage({
  view,
  stores,
}: {
  view: View;
  stores: readonly StoreView[];
}): JSX.Element {
  return (
    <Page view={view} title="Stores">
      {stores.length === 0 ? (
        <Empty>
          No store is watched yet: <code>quittance intake add</code>
        </Empty>
      ) : (
        <ul class="feed">
          {stores.map((store) => (
            <li key={store.id}>
              <h2>
                <a href={to(view, `/stores/${store.id}`)}>{store.name}</a>{' '}
                {store.closedAt !== null && <Badge kind="info" text="closed" />}
                {store.unreachableSince !== null && <Badge kind="bad" text="does not answer" />}
              </h2>
              <p class="meta">
                {store.url} · {counted(store.orders, 'order')}
              </p>
            </li>
          ))}
        </ul>
      )}
    </Page>
  );
}

export interface OrdersProps {
  readonly view: View;
  readonly store: StoreView;
  readonly orders: readonly StoreOrderView[];
  readonly cursor: string | null;
}

export function StoreOrdersPage({ view, store, orders, cursor }: OrdersProps): JSX.Element {
  return (
    <Page view={view} title={`${store.name}: orders`}>
      <StoreNav view={view} id={store.id} />
      <StoreCounts store={store} />
      {orders.length === 0 ? (
        <Empty>No order has been seen yet.</Empty>
      ) : (
        <Table
          rows={orders}
          keyOf={({ orderId }) => orderId.toString()}
          columns={[
            {
              head: 'Order',
              cell: ({ orderId, number }) => (
                <a href={to(view, `/stores/${store.id}/orders/${orderId}`)}>{number}</a>
              ),
            },
            {
              head: 'Status',
              cell: ({ alertedAt, status }) => (
                <Badge kind={alertedAt === null ? 'info' : 'bad'} text={status} />
              ),
            },
            { head: 'For', cell: ({ statusSince }) => <Ago at={statusSince} /> },
            { head: 'Total', number: true, cell: ({ total, currency }) => `${total} ${currency}` },
            { head: 'First seen by', cell: ({ firstSeen }) => firstSeen },
          ]}
        />
      )}
      <More view={view} path={`/stores/${store.id}`} cursor={cursor} />
    </Page>
  );
}

function StoreCounts({ store }: { readonly store: StoreView }): JSX.Element {
  const counts = [
    { n: store.orders, text: 'orders', bad: false },
    { n: store.waitingEvents, text: 'deliveries to apply', bad: store.waitingEvents > 100n },
    { n: store.waitingIds, text: 'ids to ask for', bad: false },
  ];
  return (
    <ul class="counts">
      {counts.map(({ n, text, bad }) => (
        <li key={text} class={bad ? 'bad' : ''}>
          <b>{n.toString()}</b> {text}
        </li>
      ))}
      <li class={store.unreachableSince === null ? 'good' : 'bad'}>
        <b>{store.unreachableSince === null ? 'yes' : 'no'}</b> the store answers
      </li>
      <li>
        <b>{store.lastEventAt === null ? 'never' : <Ago at={store.lastEventAt} />}</b> last delivery
      </li>
    </ul>
  );
}

export interface OrderProps {
  readonly view: View;
  readonly store: StoreView;
  readonly order: StoreOrderView;
  readonly trail: readonly TrailView[];
}

export function StoreOrderPage({ view, store, order, trail }: OrderProps): JSX.Element {
  return (
    <Page view={view} title={`Order ${order.number}`}>
      <StoreNav view={view} id={store.id} />
      <p class="big">
        <Badge kind={order.alertedAt === null ? 'info' : 'bad'} text={order.status} /> {order.total}{' '}
        {order.currency}
      </p>
      <p class="meta">
        First seen by {order.firstSeen} <Ago at={order.firstSeenAt} /> ·{' '}
        {order.announced ? 'a webhook announced it' : 'no webhook announced it'}
      </p>
      <h2>What happened</h2>
      <ol>
        {trail.map(({ id, at, what, detail }) => (
          <li key={`${what}-${id}`}>
            <Instant at={at} /> <b>{what.replaceAll('_', ' ')}</b>{' '}
            <span class="meta">
              {Object.entries(detail)
                .map(([name, value]) => `${name} ${String(value)}`)
                .join(', ')}
            </span>
          </li>
        ))}
      </ol>
    </Page>
  );
}

/** A threshold with the stays that it was learned from. */
export interface LearnedThreshold {
  readonly threshold: ThresholdView;
  readonly durations: readonly Duration[];
}

export interface ThresholdsProps {
  readonly view: View;
  readonly store: StoreView;
  readonly learned: readonly LearnedThreshold[];
}

export function ThresholdsPage({ view, store, learned }: ThresholdsProps): JSX.Element {
  return (
    <Page view={view} title={`${store.name}: how long is too long`}>
      <StoreNav view={view} id={store.id} />
      {learned.length === 0 && <Empty>Nothing has been learned yet.</Empty>}
      {learned.map(({ threshold: one, durations }) => (
        <section key={one.version.toString()} class="card">
          <h2>
            {one.status}
            {one.paymentMethod !== null && `, paid by ${one.paymentMethod}`}
          </h2>
          <p>
            An order is asked for after {hoursText(one.verify.hours)}, and told of after{' '}
            <b>{hoursText(one.alert.hours)}</b>
            {one.clock === 'business' && ', counted in opening hours'}.
          </p>
          {durations.length === 0 ? (
            <Empty>No stay has been seen: this is the default.</Empty>
          ) : (
            <CurveChart
              durations={durations}
              alertHours={one.alert.hours}
              verifyHours={one.verify.hours}
              label={`Share of stays in ${one.status} that ended within a time; told of after ${hoursText(one.alert.hours)}`}
            />
          )}
          <p class="meta">
            {counted(one.exits, 'stay')} ended, {one.censored} open · {one.alert.method} · made{' '}
            <Ago at={one.madeAt} /> · {Math.round(one.alarmsPerDay * 100) / 100} false alarms a day
            {one.refused !== null && ` · not taken over: ${one.refused}`}
            {one.frozen && ' · frozen'}
          </p>
        </section>
      ))}
    </Page>
  );
}

export interface IdsProps {
  readonly view: View;
  readonly store: StoreView;
  readonly ids: readonly IdView[];
}

export function IdsPage({ view, store, ids }: IdsProps): JSX.Element {
  return (
    <Page view={view} title={`${store.name}: map of ids`}>
      <StoreNav view={view} id={store.id} />
      <p>
        A square for each id, in order. An id without an order is a question, which the store
        answers.
      </p>
      {ids.length === 0 ? <Empty>No id is known yet.</Empty> : <GapMap ids={ids} />}
    </Page>
  );
}
