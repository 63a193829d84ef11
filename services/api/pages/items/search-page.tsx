import type { JSX } from 'preact';
import type { ItemView } from '../../../../engine/items/item-view.js';
import { Empty, More, Page } from '../layout.js';
import { to, type View } from '../view.js';
import { ItemList } from './feed-page.js';

export interface SearchProps {
  readonly view: View;
  readonly words: string;
  readonly items?: readonly ItemView[];
  readonly cursor?: string | null;
}

export function SearchPage({ view, words, items, cursor = null }: SearchProps): JSX.Element {
  return (
    <Page view={view} title="Search" scripts={['feed.js']}>
      <form class="narrow" role="search" action={to(view, '/search')}>
        <label for="q">
          Words <span class="hint">Quotes keep them together, a minus leaves one out.</span>
        </label>
        <input id="q" name="q" type="search" value={words} required maxLength={200} />
        <p class="actions">
          <button class="primary">Search</button>
        </p>
      </form>
      {items !== undefined &&
        (items.length === 0 ? (
          <Empty>Nothing has these words.</Empty>
        ) : (
          <ItemList view={view} items={items} />
        ))}
      <More view={view} path={`/search?q=${encodeURIComponent(words)}`} cursor={cursor} />
    </Page>
  );
}
