import type { JSX } from 'preact';
import type { ItemView, PollView } from '../../../../engine/items/item-view.js';
import { PostForm } from '../layout.js';
import { counted } from '../parts/money.js';
import { utcMinute } from '../parts/time.js';
import type { View } from '../view.js';

/** The options with their votes, each a button while one may vote. */
export function Poll({
  view,
  item,
  poll,
}: {
  readonly view: View;
  readonly item: ItemView;
  readonly poll: PollView;
}): JSX.Element {
  const all = poll.options.reduce((sum, { votes }) => sum + votes, 0);
  const over = poll.endsAt !== null && Date.parse(poll.endsAt) <= Date.now();
  const open = !over && item.state === 'PAID';
  return (
    <fieldset>
      <legend>Poll · {counted(all, 'vote')}</legend>
      {poll.options.map(({ id, text, votes }) => (
        <div key={id}>
          <label for={`option-${id}`}>
            {text} <span class="hint">{counted(votes, 'vote')}</span>
          </label>
          <progress id={`option-${id}`} value={votes} max={Math.max(1, all)} />
          {open && (
            <PostForm view={view} path={`/items/${item.id}/vote`}>
              <input type="hidden" name="optionId" value={id} />
              <button class="quiet" aria-label={`Vote, for 1 sat: ${text}`}>
                Vote, for 1 sat
              </button>
            </PostForm>
          )}
        </div>
      ))}
      <p class="small">
        {over
          ? 'This poll is over.'
          : poll.endsAt !== null && `Open until ${utcMinute(poll.endsAt)}.`}
      </p>
    </fieldset>
  );
}
