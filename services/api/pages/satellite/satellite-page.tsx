import type { JSX } from 'preact';
import type { Channel } from '../../../../domain/transmissions/channels.js';
import { REGIONS } from '../../../../domain/transmissions/regions.js';
import type { Refusal } from '../../../../domain/refusal.js';
import type { OrderRow } from '../../../../engine/transmissions/order-row.js';
import type { Form } from '../http/form.js';
import { Notice, Page, PostForm } from '../layout.js';
import { counted, grouped, sats } from '../parts/money.js';
import { Refused } from '../parts/refused.js';
import { to, type View } from '../view.js';
import { QueueTable } from './queue-table.js';

export interface Bid {
  readonly sizeBytes: number;
  readonly otaBytes: number;
  readonly bidMsat: bigint;
  /** Paid orders that would go first. */
  readonly before: number;
}

export interface SatelliteProps {
  readonly view: View;
  readonly channels: readonly Channel[];
  readonly channel: Channel;
  readonly queue: readonly OrderRow[];
  /** Lowest bid per byte, in msat. */
  readonly leastPerByte: number;
  readonly typed: Form;
  readonly bid?: Bid;
  readonly refusal?: Refusal;
}

export function SatellitePage(props: SatelliteProps): JSX.Element {
  const { view, channels, channel, queue } = props;
  return (
    <Page
      view={view}
      title="Send by satellite"
      events={to(view, '/satellite/events')}
      scripts={['satellite.js']}
    >
      <p>
        Whatever you write is broadcast to the ground, to whoever has a receiver. Bids are per byte:
        the highest goes first.
      </p>
      {channel.userMay.includes('post') && <Compose {...props} />}
      <h2>Queue</h2>
      <nav aria-label="Channels">
        <ul class="tabs">
          {channels.map(({ number, name }) => (
            <li key={number}>
              <a
                href={to(view, `/satellite?channel=${number}`)}
                aria-current={number === channel.number ? 'page' : undefined}
              >
                {name}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div id="queue" data-live data-say="The queue has changed">
        <QueueTable view={view} orders={queue} />
      </div>
      <section id="own-orders" hidden>
        <h2>Your orders</h2>
        <p class="small">Kept on this device only. Whoever has such a link can cancel the order.</p>
        <ul data-own-orders={to(view, '/satellite/orders/')} />
      </section>
    </Page>
  );
}

function Compose({ view, typed, leastPerByte, bid, refusal }: SatelliteProps): JSX.Element {
  return (
    <PostForm view={view} path="/satellite" class="card narrow">
      <Refused refusal={refusal} />
      <label for="text">
        Message <span class="hint">Everybody can read it. Encrypt what is not for everybody.</span>
      </label>
      <textarea id="text" name="text" class="low" required>
        {typed.longText('text')}
      </textarea>
      <label for="per-byte">
        Bid, in msat per byte on air{' '}
        <span class="hint">At least {leastPerByte}. 1 sat is 1,000 msat.</span>
      </label>
      <input
        id="per-byte"
        name="perByte"
        class="short"
        inputMode="decimal"
        value={typed.text('perByte') || leastPerByte.toString()}
        required
      />
      <fieldset>
        <legend>Regions that must confirm it</legend>
        {REGIONS.map(({ number, name }) => (
          <label class="check" key={number}>
            <input
              type="checkbox"
              name="region"
              value={number}
              checked={!typed.has('text') || typed.all('region').includes(number.toString())}
            />
            {name}
          </label>
        ))}
      </fieldset>
      {bid !== undefined && <BidNotice bid={bid} />}
      <p class="actions row">
        {bid !== undefined && (
          <button class="primary" name="step" value="open">
            Get an invoice of {sats(bid.bidMsat)}
          </button>
        )}
        <button class={bid === undefined ? 'primary' : ''} name="step" value="quote">
          {bid === undefined ? 'See cost and place' : 'See again'}
        </button>
      </p>
    </PostForm>
  );
}

function BidNotice({ bid }: { readonly bid: Bid }): JSX.Element {
  return (
    <Notice>
      <p class="big">This costs {sats(bid.bidMsat)}.</p>
      <p>
        {grouped(bid.sizeBytes)} bytes, {grouped(bid.otaBytes)} on air.{' '}
        {bid.before === 0
          ? 'It would be sent next.'
          : `It would be number ${bid.before + 1} in the queue, after ${counted(bid.before, 'order')}.`}
      </p>
    </Notice>
  );
}
