import type { JSX } from 'preact';
import type { Incident } from '../../../../engine/intake/incidents/read-incidents.js';
import type { StoreView } from '../../../../engine/intake/stores/read-stores.js';
import type { Recovered } from '../../../../engine/intake/recover.js';
import type { Refusal } from '../../../../domain/refusal.js';
import { kindRule } from '../../../../domain/intake/incidents/kinds.js';
import { Empty, Notice, Page, PostForm } from '../layout.js';
import { counted } from '../parts/money.js';
import { Refused } from '../parts/refused.js';
import { Badge } from '../parts/state.js';
import { Ago, utc } from '../parts/time.js';
import type { View } from '../view.js';
import { StoreNav } from './store-nav.js';

export interface IncidentsProps {
  readonly view: View;
  readonly store: StoreView;
  readonly incidents: readonly Incident[];
}

export function IncidentsPage({ view, store, incidents }: IncidentsProps): JSX.Element {
  return (
    <Page view={view} title={`${store.name}: incidents`}>
      <StoreNav view={view} id={store.id} />
      {incidents.length === 0 ? (
        <Empty>Nothing has gone wrong. What does is listed here, once for each cause.</Empty>
      ) : (
        <ul class="feed">
          {incidents.map((incident) => (
            <IncidentLine key={incident.id.toString()} view={view} incident={incident} />
          ))}
        </ul>
      )}
    </Page>
  );
}

const HEALED: Readonly<Record<NonNullable<Incident['healedBy']>, string>> = {
  itself: 'over by itself',
  operator: 'an operator said that it is over',
};

function IncidentLine({ view, incident }: { view: View; incident: Incident }): JSX.Element {
  const open = incident.healedAt === null;
  const { title, advice } = kindRule(incident.kind);
  return (
    <li class={open ? 'failed' : undefined}>
      <h2>
        {incident.summary} <Badge kind={open ? 'bad' : 'good'} text={open ? 'open' : 'over'} />
      </h2>
      <p class="meta">
        {title} · {counted(incident.orders, 'order')}
        {incident.openOrders > 0 && `, ${incident.openOrders} still open`} · opened{' '}
        <Ago at={incident.openedAt} />
        {incident.healedBy !== null && ` · ${HEALED[incident.healedBy]}`}
        {' · '}
        {counted(incident.notices, 'notice')} given
      </p>
      {open && <p>What to do: {advice}</p>}
      {open && (
        <PostForm view={view} path={`/stores/${incident.store}/incidents/${incident.id}/resolve`}>
          <button class="quiet">It is over</button>
        </PostForm>
      )}
    </li>
  );
}

export interface RecoverProps {
  readonly view: View;
  readonly store: StoreView;
  /** As typed: a date and a time in UTC. */
  readonly since: string;
  readonly recovered?: Recovered;
  readonly refusal?: Refusal;
}

/** All orders modified since a time: first counted, then taken in. */
export function RecoverPage({ view, store, since, recovered, refusal }: RecoverProps): JSX.Element {
  return (
    <Page view={view} title={`${store.name}: recover`}>
      <StoreNav view={view} id={store.id} />
      <div class="narrow">
        <p>
          Reads what the store changed since a time, for when its webhooks did not come. Nobody is
          told, and nothing is mailed to customers.
        </p>
        <Refused refusal={refusal} />
        {recovered !== undefined && <Outcome recovered={recovered} />}
        <PostForm view={view} path={`/stores/${store.id}/recover`}>
          <label for="since">Since (UTC)</label>
          <input id="since" name="since" type="datetime-local" value={since} required />
          <p class="actions row">
            <button class={recovered === undefined ? 'primary' : ''} name="step" value="preview">
              Count first
            </button>
            {recovered?.changed === null && (
              <button class="primary" name="step" value="take">
                Take in {counted(recovered.found, 'order')}
              </button>
            )}
          </p>
        </PostForm>
      </div>
    </Page>
  );
}

function Outcome({ recovered }: { readonly recovered: Recovered }): JSX.Element {
  const { found, changed, nextSince } = recovered;
  if (changed === null) {
    return <Notice>The store has {counted(found, 'order')} modified since then.</Notice>;
  }
  return (
    <Notice kind="good">
      {counted(changed, 'order')} of {found} were missing or out of date, and are taken in now.
      {nextSince !== null && ` Go on from ${utc(nextSince)}.`}
    </Notice>
  );
}
