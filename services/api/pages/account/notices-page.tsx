import type { JSX } from 'preact';
import type { ActionView } from '../../../../engine/actions/contract.js';
import { RetryForm } from '../actions/action-page.js';
import { actionWord } from '../actions/action-words.js';
import { Empty, Page, PostForm } from '../layout.js';
import { counted, sats } from '../parts/money.js';
import { reasonText } from '../parts/state.js';
import { Ago } from '../parts/time.js';
import { to, type View } from '../view.js';

export interface NoticesProps {
  readonly view: View;
  readonly failures: readonly ActionView[];
}

export function NoticesPage({ view, failures }: NoticesProps): JSX.Element {
  return (
    <Page view={view} title="Notices">
      <div
        id="failures"
        data-live
        data-state={failures.map(({ id, attempts }) => `${id} ${attempts.length}`).join(' ')}
        data-say={counted(failures.length, 'failed payment')}
      >
        <h2>Failed payments</h2>
        {failures.length === 0 ? (
          <Empty>Nothing has failed. What you do not pay in time shows up here.</Empty>
        ) : (
          <ul class="feed">
            {failures.map((action) => (
              <Failure key={action.id} view={view} action={action} />
            ))}
          </ul>
        )}
      </div>
    </Page>
  );
}

function Failure({ view, action }: { view: View; action: ActionView }): JSX.Element | null {
  const newest = action.attempts.at(-1);
  if (newest === undefined) return null;
  return (
    <li class="failed">
      <h2>
        <a href={to(view, `/actions/${action.id}`)}>
          {actionWord(action.type)}: {sats(action.costMsat)}
        </a>
      </h2>
      <p class="meta">
        Attempt {newest.attempt} · {newest.reason !== null && `${reasonText(newest.reason)} · `}
        <Ago at={newest.changedAt} />
      </p>
      <div class="row">
        {action.retryable && <RetryForm view={view} action={action} attempt={newest.attempt} />}
        <PostForm view={view} path={`/actions/${action.id}/dismiss`}>
          <input type="hidden" name="attempt" value={newest.attempt} />
          <button>Dismiss</button>
        </PostForm>
      </div>
    </li>
  );
}
