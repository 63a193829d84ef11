import type { JSX } from 'preact';
import type { ItemView } from '../../../../engine/items/item-view.js';
import type { FeedOrder } from '../../../../engine/items/read-items.js';
import type { TerritoryView } from '../../../../engine/territories/read-territories.js';
import { Empty, More, Page } from '../layout.js';
import { sats } from '../parts/money.js';
import { Prose } from '../parts/prose.js';
import { Badge } from '../parts/state.js';
import { Instant } from '../parts/time.js';
import { to, type View } from '../view.js';
import { ItemList } from './feed-page.js';
import { OrderTabs } from './order-tabs.js';

export interface TerritoryProps {
  readonly view: View;
  readonly name: string;
  /** Undefined where nobody has founded it. */
  readonly territory: TerritoryView | undefined;
  readonly sort: FeedOrder;
  readonly items: readonly ItemView[];
  readonly cursor: string | null;
}

export function TerritoryPage(props: TerritoryProps): JSX.Element {
  const { view, name, territory, sort, items, cursor } = props;
  return (
    <Page view={view} title={`~${name}`} scripts={['feed.js']}>
      {territory === undefined ? (
        <p>
          Nobody has founded this territory.{' '}
          <a href={to(view, `/submit/territory-create?name=${name}`)}>Found it</a>
        </p>
      ) : (
        <Founded view={view} territory={territory} />
      )}
      <p>
        <a class="button" href={to(view, `/submit/discussion?territories=${name}`)}>
          Post in ~{name}
        </a>
      </p>
      <OrderTabs view={view} path={`/~${name}`} sort={sort} />
      <ItemList view={view} items={items} />
      <More view={view} path={`/~${name}?sort=${sort}`} cursor={cursor} />
    </Page>
  );
}

function Founded({ view, territory }: { view: View; territory: TerritoryView }): JSX.Element {
  const own = view.viewer?.name === territory.owner_name;
  return (
    <>
      <Prose text={territory.description} />
      <p class="meta">
        <TerritoryState state={territory.state} /> founded by{' '}
        <a href={to(view, `/@${territory.owner_name}`)}>@{territory.owner_name}</a> · a post costs{' '}
        {sats(territory.base_cost_msat)}, a reply {sats(territory.reply_cost_msat)}
      </p>
      {own && (
        <p class="row">
          {territory.paid_until !== null && (
            <span class="small">
              Paid until <Instant at={territory.paid_until} />
            </span>
          )}
          <a
            class="button"
            href={to(view, `/submit/territory-billing?territory=${territory.name}`)}
          >
            Pay the next period
          </a>
          <a
            class="button"
            href={to(
              view,
              `/submit/territory-update?territory=${territory.name}&version=${territory.version}`,
            )}
          >
            Change billing
          </a>
          <a class="button" href={to(view, `/~${territory.name}/settings`)}>
            Settings
          </a>
        </p>
      )}
    </>
  );
}

const STATES: Readonly<Record<string, string>> = {
  GRACE: 'run out, can still be paid for',
  STOPPED: 'stopped: nobody paid for it',
};

function TerritoryState({ state }: { readonly state: string }): JSX.Element | null {
  if (state === 'ACTIVE') return null;
  return (
    <Badge
      kind={state === 'STOPPED' ? 'bad' : 'warn'}
      text={STATES[state] ?? state.toLowerCase()}
    />
  );
}

export function TerritoriesPage({
  view,
  territories,
}: {
  readonly view: View;
  readonly territories: readonly TerritoryView[];
}): JSX.Element {
  return (
    <Page view={view} title="Territories">
      <p>
        <a class="button" href={to(view, '/submit/territory-create')}>
          Found a territory
        </a>
      </p>
      {territories.length === 0 ? (
        <Empty>No territory has been founded yet.</Empty>
      ) : (
        <ul class="feed">
          {territories.map((territory) => (
            <li key={territory.name}>
              <h2>
                <a href={to(view, `/~${territory.name}`)}>~{territory.name}</a>
              </h2>
              <p class="meta">
                by @{territory.owner_name} · a post costs {sats(territory.base_cost_msat)}
              </p>
            </li>
          ))}
        </ul>
      )}
    </Page>
  );
}
