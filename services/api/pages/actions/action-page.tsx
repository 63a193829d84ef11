import type { JSX } from 'preact';
import type { ActionView, AttemptView } from '../../../../engine/actions/contract.js';
import { Page, PostForm } from '../layout.js';
import { sats } from '../parts/money.js';
import { AttemptState, reasonText } from '../parts/state.js';
import { Ago } from '../parts/time.js';
import { to, type View } from '../view.js';
import { actionWord } from './action-words.js';

const CANCELLABLE = ['INVOICING', 'WRAPPING', 'PENDING', 'PENDING_HELD'];
const REFRESH_SECONDS = 3;

/** An action with the chain of its attempts, for whoever opened it. */
export function ActionPage({ view, action }: { view: View; action: ActionView }): JSX.Element {
  const newest = action.attempts.at(-1);
  const moving = action.state !== 'PAID' && action.state !== 'FAILED';
  const { itemId } = action.result;
  return (
    <Page
      view={view}
      title={`${actionWord(action.type)}: ${sats(action.costMsat)}`}
      refreshSeconds={moving ? REFRESH_SECONDS : undefined}
    >
      <div
        id="action"
        data-live
        data-state={`${action.state} ${newest?.attempt ?? 0}`}
        data-say={`${actionWord(action.type)}: ${action.state}`}
      >
        {newest !== undefined && <Newest attempt={newest} />}
        <div class="row">
          {moving && newest?.invoice !== undefined && newest.invoice !== null && (
            <a class="button primary" href={to(view, `/pay/${newest.invoice.hash}`)}>
              Pay
            </a>
          )}
          {action.retryable && newest !== undefined && (
            <RetryForm view={view} action={action} attempt={newest.attempt} />
          )}
          {CANCELLABLE.includes(action.state) && (
            <PostForm view={view} path={`/actions/${action.id}/cancel`}>
              <button>Cancel</button>
            </PostForm>
          )}
          {itemId !== undefined && (
            <a class="button" href={to(view, `/items/${itemId}`)}>
              What it made
            </a>
          )}
        </div>
        <h2>Attempts</h2>
        <Attempts view={view} attempts={action.attempts} />
      </div>
      <p class="small">
        Opened <Ago at={action.createdAt} /> · <span class="mono">{action.id}</span>
      </p>
    </Page>
  );
}

function Newest({ attempt }: { readonly attempt: AttemptView }): JSX.Element {
  return (
    <p class="big">
      Attempt {attempt.attempt}: <AttemptState state={attempt.state} />
      {attempt.reason !== null && <span class="small"> {reasonText(attempt.reason)}</span>}
    </p>
  );
}

export function RetryForm({
  view,
  action,
  attempt,
}: {
  readonly view: View;
  readonly action: ActionView;
  readonly attempt: number;
}): JSX.Element {
  return (
    <PostForm view={view} path={`/actions/${action.id}/retry`}>
      <input type="hidden" name="attempt" value={attempt} />
      <button class="primary">Try again</button>
    </PostForm>
  );
}

function Attempts({
  view,
  attempts,
}: {
  readonly view: View;
  readonly attempts: readonly AttemptView[];
}): JSX.Element {
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Attempt</th>
            <th scope="col">State</th>
            <th scope="col">Why</th>
            <th scope="col">Opened</th>
            <th scope="col">Invoice</th>
          </tr>
        </thead>
        <tbody>
          {[...attempts].reverse().map(({ attempt, state, reason, openedAt, invoice }) => (
            <tr key={attempt}>
              <td>{attempt}</td>
              <td>
                <AttemptState state={state} />
              </td>
              <td>{reason === null ? '' : reasonText(reason)}</td>
              <td>
                <Ago at={openedAt} />
              </td>
              <td>
                {invoice === null ? (
                  'by balance'
                ) : (
                  <a href={to(view, `/pay/${invoice.hash}`)}>{sats(invoice.amountMsat)}</a>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
