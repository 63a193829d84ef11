import type { JSX } from 'preact';
import type { ItemView } from '../../../../engine/items/item-view.js';
import { PostForm } from '../layout.js';
import { sats } from '../parts/money.js';
import type { View } from '../view.js';

const DEFAULT_SATS = 10;

/**
 * Zaps of an item and a form to add one. What the viewer has zapped, or is about to pay, counts in their own view at once; a script adds
 * it before the server has answered.
 */
export function ZapForm({ view, item }: { view: View; item: ItemView }): JSX.Element {
  const own = view.viewer !== null && view.viewer.name === item.author;
  return (
    <div
      class="row zap"
      id={`zap-${item.id}`}
      data-live
      data-state={`${item.zappedMsat} ${item.ownZappedMsat}`}
    >
      <span>
        <span data-total>{sats(item.zappedMsat)}</span> zapped
      </span>
      <span class="small" data-own={item.ownZappedMsat.toString()}>
        {item.ownZappedMsat > 0n && `${sats(item.ownZappedMsat)} by you`}
      </span>
      {!own && (
        <PostForm view={view} path={`/items/${item.id}/zap`} data-zap>
          <input
            class="short"
            type="number"
            name="sats"
            value={DEFAULT_SATS}
            min={1}
            max={1_000_000}
            aria-label="Sats to zap"
            required
          />
          <span class="small" aria-hidden="true">
            sats
          </span>
          <button class="quiet">Zap</button>
        </PostForm>
      )}
      <span class="small" data-result />
    </div>
  );
}
