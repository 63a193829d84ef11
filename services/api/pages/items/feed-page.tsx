import type { JSX } from 'preact';
import type { ItemView } from '../../../../engine/items/item-view.js';
import type { FeedOrder } from '../../../../engine/items/read-items.js';
import { Empty, More, Page } from '../layout.js';
import { to, type View } from '../view.js';
import { ItemLine } from './item-line.js';
import { OrderTabs } from './order-tabs.js';

export interface FeedProps {
  readonly view: View;
  readonly sort: FeedOrder;
  readonly items: readonly ItemView[];
  /** The viewer's own, pending and failed, which nobody else sees. */
  readonly unpaid: readonly ItemView[];
  readonly cursor: string | null;
}

export function FeedPage({ view, sort, items, unpaid, cursor }: FeedProps): JSX.Element {
  return (
    <Page view={view} title={`Posts: ${sort}`} heading={false} scripts={['feed.js']}>
      <h1 class="sr">Posts</h1>
      <OrderTabs view={view} path="/" sort={sort}>
        <li class="spring" />
        <li>
          <a href={to(view, '/search')}>Search</a>
        </li>
        <li>
          <a href={to(view, '/territories')}>Territories</a>
        </li>
      </OrderTabs>
      <ItemList view={view} items={[...unpaid, ...items]} />
      <More view={view} path={`/?sort=${sort}`} cursor={cursor} />
    </Page>
  );
}

export function ItemList({
  view,
  items,
}: {
  readonly view: View;
  readonly items: readonly ItemView[];
}): JSX.Element {
  if (items.length === 0) {
    return (
      <Empty>
        Nothing has been posted here yet. <a href={to(view, '/submit')}>Post something</a>.
      </Empty>
    );
  }
  return (
    <ul class="feed">
      {items.map((item) => (
        <ItemLine key={item.id.toString()} view={view} item={item} />
      ))}
    </ul>
  );
}
