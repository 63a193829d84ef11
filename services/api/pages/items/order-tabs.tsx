import type { ComponentChildren, JSX } from 'preact';
import type { FeedOrder } from '../../../../engine/items/read-items.js';
import { to, type View } from '../view.js';

const TABS: readonly (readonly [FeedOrder, string])[] = [
  ['hot', 'Hot'],
  ['recent', 'Recent'],
  ['top', 'Top'],
];

export interface OrderTabsProps {
  readonly view: View;
  /** Of the list. */
  readonly path: string;
  readonly sort: FeedOrder;
  /** What stands beside them. */
  readonly children?: ComponentChildren;
}

/** How a list of posts is sorted. */
export function OrderTabs({ view, path, sort, children }: OrderTabsProps): JSX.Element {
  return (
    <nav aria-label="Order of posts">
      <ul class="tabs">
        {TABS.map(([order, text]) => (
          <li key={order}>
            <a
              href={to(view, `${path}?sort=${order}`)}
              aria-current={order === sort ? 'page' : undefined}
            >
              {text}
            </a>
          </li>
        ))}
        {children}
      </ul>
    </nav>
  );
}
