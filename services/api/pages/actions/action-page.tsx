import type { JSX } from 'preact';
import type { ActionView, AttemptView } from '../../../../engine/actions/contract.js';
import type { ActionSubject } from '../../../../engine/actions/read-subjects.js';
import { Notice, Page, PostForm } from '../layout.js';
import { sats } from '../parts/money.js';
import { AttemptState, reasonText, stateWord } from '../parts/state.js';
import { Table } from '../parts/table.js';
import { Ago } from '../parts/time.js';
import { to, type View } from '../view.js';
import { actionWord } from './action-words.js';
import { fullName } from './subject-name.js';

const CANCELLABLE = ['INVOICING', 'WRAPPING', 'PENDING', 'PENDING_HELD'];
const REFRESH_SECONDS = 3;

export interface ActionPageProps {
  readonly view: View;
  readonly action: ActionView;
  readonly subject: ActionSubject | undefined;
}

/** An action with the chain of its attempts, for whoever opened it. */
export function ActionPage({ view, action, subject }: ActionPageProps): JSX.Element {
  const newest = action.attempts.at(-1);
  const moving = action.state !== 'PAID' && action.state !== 'FAILED';
  const { itemId } = action.result;
  return (
    <Page
      view={view}
      title={fullName(subject, action.type)}
      events={moving ? to(view, `/actions/${action.id}/events`) : undefined}
      refreshSeconds={moving ? REFRESH_SECONDS : undefined}
    >
      <div
        id="action"
        data-live
        data-state={`${action.state} ${newest?.attempt ?? 0} ${action.claimsMsat}`}
        data-say={`${actionWord(action.type)}: ${stateWord(action.state)}`}
      >
        <p class="amount">{sats(action.costMsat)}</p>
        {newest !== undefined && <Newest attempt={newest} />}
        <div class="row">
          {moving && newest?.invoice !== undefined && newest.invoice !== null && (
            <a class="button primary" href={to(view, `/pay/${newest.invoice.hash}`)}>
              Pay
            </a>
          )}
          {action.retryable && newest !== undefined && (
            <RetryForm view={view} actionId={action.id} attempt={newest.attempt} />
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
        <Owed view={view} action={action} />
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
  actionId,
  attempt,
}: {
  readonly view: View;
  readonly actionId: string;
  readonly attempt: number;
}): JSX.Element {
  return (
    <PostForm view={view} path={`/actions/${actionId}/retry`}>
      <input type="hidden" name="attempt" value={attempt} />
      <button class="primary">Try again</button>
    </PostForm>
  );
}

/** What a payment left over, which its author collects as credits of an account. */
function Owed({ view, action }: { view: View; action: ActionView }): JSX.Element | null {
  const { id, claimsMsat } = action;
  if (claimsMsat === 0n) return null;
  return (
    <Notice kind="good">
      <p>
        <b>{sats(claimsMsat)}</b> of what you paid is kept for you. It becomes credits of an
        account.
      </p>
      {view.viewer === null ? (
        <p>
          <a
            class="button"
            href={to(view, `/sign-in?next=${encodeURIComponent(`/actions/${id}`)}`)}
          >
            Sign in to collect it
          </a>
        </p>
      ) : (
        <PostForm view={view} path={`/actions/${id}/collect`}>
          <button class="primary">Collect it as @{view.viewer.name}</button>
        </PostForm>
      )}
    </Notice>
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
    <Table
      rows={[...attempts].reverse()}
      keyOf={({ attempt }) => attempt}
      columns={[
        { head: 'Attempt', cell: ({ attempt }) => attempt },
        { head: 'State', cell: ({ state }) => <AttemptState state={state} /> },
        { head: 'Why', cell: ({ reason }) => (reason === null ? '' : reasonText(reason)) },
        { head: 'Opened', cell: ({ openedAt }) => <Ago at={openedAt} /> },
        {
          head: 'Invoice',
          cell: ({ invoice }) =>
            invoice === null ? (
              'by balance'
            ) : (
              <a href={to(view, `/pay/${invoice.hash}`)}>{sats(invoice.amountMsat)}</a>
            ),
        },
      ]}
    />
  );
}
