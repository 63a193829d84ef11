import type { JSX } from 'preact';
import { EDIT_WINDOW_SECONDS } from '../../../../domain/items/limits.js';
import type { ItemView } from '../../../../engine/items/item-view.js';
import { PostForm } from '../layout.js';
import { to, type View } from '../view.js';

/** What its author may do with an item. */
export function OwnItem({ view, item }: { view: View; item: ItemView }): JSX.Element | null {
  if (item.state !== 'PAID' || item.deletedAt !== null) return null;
  const lasts = item.kind === 'job' || item.kind === 'bio';
  const age = (Date.now() - (item.paidAt ?? item.createdAt).getTime()) / 1000;
  return (
    <details>
      <summary>Yours: edit, boost or delete</summary>
      <div class="row">
        {(lasts || age < EDIT_WINDOW_SECONDS) && (
          <a class="button" href={to(view, `/submit/edit-${item.kind}?itemId=${item.id}`)}>
            Edit
          </a>
        )}
        {item.kind !== 'comment' && item.kind !== 'bio' && (
          <a class="button" href={to(view, `/submit/boost?itemId=${item.id}`)}>
            Boost
          </a>
        )}
        <PostForm view={view} path={`/items/${item.id}/delete`}>
          <button>Delete for ever</button>
        </PostForm>
      </div>
      {!lasts && <p class="small">Can be edited for ten minutes after it was paid.</p>}
    </details>
  );
}
