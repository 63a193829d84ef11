import type { JSX } from 'preact';
import type { ItemView } from '../../../../engine/items/item-view.js';
import { Empty, More, Page } from '../layout.js';
import type { View } from '../view.js';
import { ItemList } from './feed-page.js';

export interface AuthorProps {
  readonly view: View;
  readonly name: string;
  readonly items: readonly ItemView[];
  readonly cursor: string | null;
}

export function AuthorPage({ view, name, items, cursor }: AuthorProps): JSX.Element {
  return (
    <Page view={view} title={`@${name}`} scripts={['feed.js']}>
      {items.length === 0 ? (
        <Empty>@{name} has not posted anything yet.</Empty>
      ) : (
        <ItemList view={view} items={items} />
      )}
      <More view={view} path={`/@${name}`} cursor={cursor} />
    </Page>
  );
}
