import type { JSX } from 'preact';
import type { AttemptStory, PaymentStory } from '../../../../engine/operator/payment/story.js';
import { Page } from '../layout.js';
import { sats } from '../parts/money.js';
import { AttemptState } from '../parts/state.js';
import { Instant } from '../parts/time.js';
import type { View } from '../view.js';
import { WorkflowLink } from './ops-page.js';
import { Row, Table } from './story-table.js';

export interface PaymentPageProps {
  readonly view: View;
  readonly story: PaymentStory;
  readonly temporalUi: string | null;
}

/** One payment's whole story: what happened, where its money is, and what is still to be done. */
export function PaymentPage({ view, story, temporalUi }: PaymentPageProps): JSX.Element {
  return (
    <Page view={view} title={`Payment of ${story.about}`}>
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
      <Table
        title="Still to be delivered or called"
        heads={['Kind', 'Subject', 'Since', 'Tries', 'Last error']}
      >
        {story.outbox.map((row) => (
          <Row
            key={`${row.kind}${row.subject}`}
            cells={[row.kind, row.subject, row.since, row.tries, row.lastError]}
          />
        ))}
      </Table>
      <Table title="Ledger" heads={['Entry', 'At', 'Postings']}>
        {story.ledger.map(({ key, at, postings }) => (
          <Row
            key={key}
            cells={[
              key,
              at,
              postings
                .map(({ holder, asset, amountMsat }) => `${holder} ${sats(amountMsat)} ${asset}`)
                .join('; '),
            ]}
          />
        ))}
      </Table>
      <Table title="Claims" heads={['Amount', 'State', 'Collected by', 'Opened']}>
        {story.claims.map((claim) => (
          <Row
            key={claim.openedAt.toISOString()}
            cells={[sats(claim.amountMsat), claim.state, claim.collectedBy, claim.openedAt]}
          />
        ))}
      </Table>
    </Page>
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
      <Table title="State changes" heads={['At', 'Event', 'From', 'To', 'Why']}>
        {attempt.transitions.map((one) => (
          <Row
            key={one.id.toString()}
            cells={[one.at, one.event, one.fromState, one.toState, one.reason]}
          />
        ))}
      </Table>
      <Table title="Legs" heads={['Side', 'Kind', 'Whose', 'Planned', 'Moved']}>
        {attempt.legs.map((leg) => (
          <Row
            key={leg.n}
            cells={[
              ...[leg.side, leg.kind, leg.holder],
              leg.plannedMsat === null ? null : `${sats(leg.plannedMsat)} ${leg.asset}`,
              leg.actualMsat === null ? 'not yet' : sats(leg.actualMsat),
            ]}
          />
        ))}
      </Table>
    </>
  );
}

/** What the node has of it. */
function Outside({ attempt }: { readonly attempt: AttemptStory }): JSX.Element {
  return (
    <>
      <Table title="Invoices" heads={['Hash', 'State', 'Amount', 'Received', 'The node says']}>
        {attempt.invoices.map((invoice) => (
          <Row
            key={invoice.hash}
            cells={[
              ...[
                invoice.hash,
                invoice.state,
                sats(invoice.amountMsat),
                sats(invoice.receivedMsat),
              ],
              invoice.node.answer === 'known' ? invoice.node.state : invoice.node.answer,
            ]}
          />
        ))}
      </Table>
      <Table
        title="Outgoing payments"
        heads={['Hash', 'State', 'Amount', 'Fee', 'Sends', 'Failure']}
      >
        {attempt.payments.map((payment) => (
          <Row
            key={payment.hash}
            cells={[
              ...[payment.hash, payment.state, sats(payment.amountMsat)],
              payment.feeMsat === null ? null : sats(payment.feeMsat),
              ...[payment.sends.length, payment.failure],
            ]}
          />
        ))}
      </Table>
    </>
  );
}
