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
        <Empty>No order has been seen yet: the store’s next webhook or comparison brings it.</Empty>
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
            { head: 'Since', cell: ({ statusSince }) => <Ago at={statusSince} /> },
            { head: 'Total', number: true, cell: ({ total, currency }) => `${total} ${currency}` },
            { head: 'First seen by', cell: ({ firstSeen }) => seenBy(firstSeen) },
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

const SEEN_BY: Readonly<Record<string, string>> = {
  created: 'a webhook',
  updated: 'a webhook of a later change',
  adopted: 'a webhook of a later change',
  reconcile: 'a comparison with the store',
  gap: 'a gap in the ids',
  import: 'the first import',
};

/** How we came to know of an order. */
function seenBy(firstSeen: string): string {
  return SEEN_BY[firstSeen] ?? firstSeen;
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
        First seen by {seenBy(order.firstSeen)} <Ago at={order.firstSeenAt} /> ·{' '}
        {order.announced ? 'a webhook announced it' : 'no webhook announced it'}
      </p>
      <h2>What happened</h2>
      {trail.length === 0 && <Empty>Nothing was written down of this order.</Empty>}
      <ol>
        {trail.map(({ id, at, what, detail }) => (
          <li key={`${what}-${id}`}>
            <Instant at={at} /> <b>{what.replaceAll('_', ' ')}</b>{' '}
            <span class="meta">
              {Object.entries(detail)
                .filter(([, value]) => value !== null)
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

const METHODS: Readonly<Record<string, string>> = {
  'kaplan-meier': 'read from the curve',
  'log-normal': 'estimated beyond the end of the curve',
  default: 'the default',
  kept: 'as it was before',
};
const REFUSED: Readonly<Record<string, string>> = {
  too_few_exits: 'too few orders have left the status',
  history_too_short: 'the history is too short',
};

export function ThresholdsPage({ view, store, learned }: ThresholdsProps): JSX.Element {
  return (
    <Page view={view} title={`${store.name}: how long is too long`}>
      <StoreNav view={view} id={store.id} />
      {learned.length === 0 && (
        <Empty>
          Nothing has been learned yet: it takes orders that have left a status. Until then the
          defaults hold.
        </Empty>
      )}
      {learned.map(({ threshold: one, durations }) => (
        <section key={one.version.toString()} class="card">
          <h2>
            {one.status}
            {one.paymentMethod !== null && `, paid by ${one.paymentMethod}`}
          </h2>
          <p>
            An order that stays longer than {hoursText(one.verify.hours)} is looked up in the store;
            after <b>{hoursText(one.alert.hours)}</b> people are told
            {one.clock === 'business' && ', counted in opening hours'}.
          </p>
          {durations.length === 0 ? (
            <Empty>No order has left this status yet: these are the defaults.</Empty>
          ) : (
            <>
              <p class="small">Share of orders that left this status within a time</p>
              <CurveChart
                durations={durations}
                alertHours={one.alert.hours}
                verifyHours={one.verify.hours}
                label={`Share of stays in ${one.status} that ended within a time; told of after ${hoursText(one.alert.hours)}`}
              />
            </>
          )}
          <p class="meta">
            Learned from {counted(one.exits, 'order')} that left it and {one.censored} still in it ·{' '}
            {METHODS[one.alert.method]} · <Ago at={one.madeAt} /> ·{' '}
            {Math.round(one.alarmsPerDay * 100) / 100} false alarms a day are to be expected
            {one.refused !== null && ` · kept as it was: ${REFUSED[one.refused] ?? one.refused}`}
            {one.frozen && ' · kept as it was: many orders are stuck at once'}
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
        A square for each number that the store gives, in order. Where no order is known of a
        number, the store is asked what it is.
      </p>
      {ids.length === 0 ? <Empty>No id is known yet.</Empty> : <GapMap ids={ids} />}
    </Page>
  );
}
