import type { JSX } from 'preact';
import type { AttemptStory, PaymentStory } from '../../../../engine/operator/payment/story.js';
import { actionWord } from '../actions/action-words.js';
import { Page } from '../layout.js';
import { sats } from '../parts/money.js';
import { AttemptState } from '../parts/state.js';
import { Table } from '../parts/table.js';
import { Instant } from '../parts/time.js';
import type { View } from '../view.js';
import { WorkflowLink } from './ops-page.js';

export interface PaymentPageProps {
  readonly view: View;
  readonly story: PaymentStory;
  readonly temporalUi: string | null;
}

/** One payment's whole story: what happened, where its money is, and what is still to be done. */
export function PaymentPage({ view, story, temporalUi }: PaymentPageProps): JSX.Element {
  return (
    <Page view={view} title={`Payment of: ${actionWord(story.about)}`}>
      <p class="big">
        {story.kind} <AttemptState state={story.state} /> {sats(story.costMsat)}
      </p>
      <dl class="facts">
        <dt>Id</dt>
        <dd class="mono">{story.id}</dd>
        <dt>By</dt>
        <dd>{story.actor ?? 'somebody without an account'}</dd>
        <dt>Opened</dt>
        <dd>
          <Instant at={story.createdAt} />
          {story.openedBy !== null && ` by ${story.openedBy}`}
        </dd>
      </dl>
      {[...story.attempts].reverse().map((attempt) => (
        <Attempt key={attempt.workflowId} attempt={attempt} temporalUi={temporalUi} />
      ))}
      <Whole story={story} />
    </Page>
  );
}

/** What is not of one attempt alone. */
function Whole({ story }: { readonly story: PaymentStory }): JSX.Element {
  return (
    <>
      <Table
        caption="Still to be delivered or called"
        rows={story.outbox}
        keyOf={({ kind, subject }) => `${kind}${subject}`}
        columns={[
          { head: 'Kind', cell: ({ kind }) => kind },
          { head: 'Subject', mono: true, cell: ({ subject }) => subject },
          { head: 'Since', cell: ({ since }) => since },
          { head: 'Tries', number: true, cell: ({ tries }) => tries },
          { head: 'Last error', cell: ({ lastError }) => lastError },
        ]}
      />
      <Table
        caption="Ledger"
        rows={story.ledger}
        keyOf={({ key }) => key}
        columns={[
          { head: 'Entry', mono: true, cell: ({ key }) => key },
          { head: 'At', cell: ({ at }) => at },
          {
            head: 'Postings',
            cell: ({ postings }) =>
              postings
                .map(({ holder, asset, amountMsat }) => `${holder} ${sats(amountMsat)} ${asset}`)
                .join('; '),
          },
        ]}
      />
      <Table
        caption="Claims"
        rows={story.claims}
        keyOf={({ openedAt }) => openedAt.toISOString()}
        columns={[
          { head: 'Amount', number: true, cell: ({ amountMsat }) => sats(amountMsat) },
          { head: 'State', cell: ({ state }) => state },
          { head: 'Collected by', cell: ({ collectedBy }) => collectedBy },
          { head: 'Opened', cell: ({ openedAt }) => openedAt },
        ]}
      />
    </>
  );
}

function Attempt({
  attempt,
  temporalUi,
}: {
  readonly attempt: AttemptStory;
  readonly temporalUi: string | null;
}): JSX.Element {
  return (
    <section class="card">
      <h2>
        {attempt.attempt === null ? 'Order' : `Attempt ${attempt.attempt}`}{' '}
        <AttemptState state={attempt.state} />
      </h2>
      <p class="meta">
        {attempt.flow} {attempt.reason}{' '}
        {attempt.dueAt !== null && (
          <>
            · due <Instant at={attempt.dueAt} />
          </>
        )}
        {attempt.sweeps > 0 && ` · the sweep has acted ${attempt.sweeps} times`}
      </p>
      <p>
        <span class="mono">{attempt.workflowId}</span>{' '}
        <WorkflowLink temporalUi={temporalUi} id={attempt.workflowId} />
      </p>
      <Moves attempt={attempt} />
      <Outside attempt={attempt} />
    </section>
  );
}

/** What changed, and the money of it. */
function Moves({ attempt }: { readonly attempt: AttemptStory }): JSX.Element {
  return (
    <>
      <Table
        caption="State changes"
        rows={attempt.transitions}
        keyOf={({ id }) => id.toString()}
        columns={[
          { head: 'At', cell: ({ at }) => at },
          { head: 'Event', cell: ({ event }) => event },
          { head: 'From', cell: ({ fromState }) => fromState },
          { head: 'To', cell: ({ toState }) => toState },
          { head: 'Why', cell: ({ reason }) => reason },
        ]}
      />
      <Table
        caption="Where its money comes from, and goes"
        rows={attempt.legs}
        keyOf={({ n }) => n}
        columns={[
          { head: 'Side', cell: ({ side }) => side },
          { head: 'Kind', cell: ({ kind }) => kind },
          { head: 'Whose', cell: ({ holder }) => holder },
          {
            ...{ head: 'Planned', number: true },
            cell: ({ plannedMsat, asset }) =>
              plannedMsat === null ? null : `${sats(plannedMsat)} (${asset.toLowerCase()})`,
          },
          {
            ...{ head: 'Moved', number: true },
            cell: ({ actualMsat }) => (actualMsat === null ? 'not yet' : sats(actualMsat)),
          },
        ]}
      />
    </>
  );
}

/** What the node has of it. */
function Outside({ attempt }: { readonly attempt: AttemptStory }): JSX.Element {
  return (
    <>
      <Table
        caption="Invoices"
        rows={attempt.invoices}
        keyOf={({ hash }) => hash}
        columns={[
          { head: 'Hash', mono: true, cell: ({ hash }) => hash },
          { head: 'State', cell: ({ state }) => state },
          { head: 'Amount', number: true, cell: ({ amountMsat }) => sats(amountMsat) },
          { head: 'Received', number: true, cell: ({ receivedMsat }) => sats(receivedMsat) },
          {
            head: 'The node says',
            cell: ({ node }) => (node.answer === 'known' ? node.state : node.answer),
          },
        ]}
      />
      <Table
        caption="Outgoing payments"
        rows={attempt.payments}
        keyOf={({ hash }) => hash}
        columns={[
          { head: 'Hash', mono: true, cell: ({ hash }) => hash },
          { head: 'State', cell: ({ state }) => state },
          { head: 'Amount', number: true, cell: ({ amountMsat }) => sats(amountMsat) },
          { head: 'Fee', number: true, cell: ({ feeMsat }) => feeMsat !== null && sats(feeMsat) },
          { head: 'Sends', number: true, cell: ({ sends }) => sends.length },
          { head: 'Failure', cell: ({ failure }) => failure },
        ]}
      />
    </>
  );
}
