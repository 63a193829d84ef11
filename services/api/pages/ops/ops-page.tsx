import type { JSX } from 'preact';
import { Empty, Notice, Page } from '../layout.js';
import { counted } from '../parts/money.js';
import { Table } from '../parts/table.js';
import { Instant, spanOf } from '../parts/time.js';
import { to, type View } from '../view.js';
import { AuditTable } from './audit-table.js';
import { DoctorSection } from './doctor-section.js';
import { DeadLetters } from './dead-letters.js';
import { Infrastructure } from './infrastructure.js';
import type { OpsView } from './read-ops.js';

export interface OpsProps {
  readonly view: View;
  readonly ops: OpsView;
  readonly temporalUi: string | null;
}

/** Counts first; nothing here is read by a timer. */
export function OpsPage({ view, ops, temporalUi }: OpsProps): JSX.Element {
  return (
    <Page view={view} title="Operations">
      <div id="ops" data-live data-state={markOf(ops)} data-say="Something has changed">
        {ops.maintenance !== undefined && (
          <Notice kind="warn">
            Maintenance mode since <Instant at={ops.maintenance.since} />: {ops.maintenance.because}
          </Notice>
        )}
        <Counts ops={ops} />
        <p class="row">
          <a class="button" href={to(view, '/ops')}>
            Read again
          </a>
          {temporalUi !== null && (
            <a class="button" href={temporalUi}>
              Temporal’s UI
            </a>
          )}
        </p>
        <form action={to(view, '/ops/payments')} class="row">
          <label class="sr" for="payment">
            Id of an action or an order
          </label>
          <input
            id="payment"
            name="id"
            class="short id"
            placeholder="Id of an action or an order"
            required
          />
          <button>Its whole story</button>
        </form>
        <h2 id="stuck">Stuck payments</h2>
        <Stuck view={view} ops={ops} temporalUi={temporalUi} />
        <h2 id="calls">Late calls to the node</h2>
        <Calls ops={ops} />
        <h2 id="letters">Dead letters</h2>
        <DeadLetters view={view} asked={ops.letters} />
        <Infrastructure ops={ops} />
        <h2 id="doctor">Last report of the doctor</h2>
        <DoctorSection report={ops.doctor} />
        <h2 id="audit">Audit</h2>
        <AuditTable rows={ops.audit} />
      </div>
    </Page>
  );
}

/** Another text whenever there is something new: ages alone are not. */
function markOf(ops: OpsView): string {
  const letters = ops.letters.ok ? ops.letters.value.letters.map(({ seq }) => seq) : [];
  const consumers = ops.consumers.ok ? ops.consumers.value.map(({ waiting }) => waiting) : [];
  return [
    ...ops.stuck.map(({ workflowId, tries }) => `${workflowId} ${tries}`),
    ...ops.calls.map(({ hash, tries }) => `${hash} ${tries}`),
    ...ops.outbox.map(({ backlog }) => backlog),
    ...[...letters, ...consumers, ops.node.ok, ops.doctor?.at.getTime(), ops.audit[0]?.id],
  ].join(' ');
}

interface Count {
  readonly href: string;
  readonly text: string;
  readonly n: number | string;
  readonly bad: boolean;
}

export function countsOf(ops: OpsView): readonly Count[] {
  const backlog = ops.outbox.reduce((sum, row) => sum + Number(row.backlog), 0);
  const oldest = Math.max(0, ...ops.outbox.map(({ oldestSeconds }) => oldestSeconds ?? 0));
  const letters = ops.letters.ok ? ops.letters.value.all : '?';
  const lag = ops.consumers.ok
    ? ops.consumers.value.reduce((sum, { waiting }) => sum + waiting, 0)
    : '?';
  const broken = ops.doctor?.findings.filter(({ verdict }) => verdict === 'BROKEN').length;
  return [
    { href: '#stuck', text: 'stuck payments', n: ops.stuck.length, bad: ops.stuck.length > 0 },
    { href: '#calls', text: 'late calls', n: ops.calls.length, bad: ops.calls.length > 0 },
    { href: '#letters', text: 'dead letters', n: letters, bad: letters !== 0 },
    {
      ...{ href: '#outbox', n: backlog, bad: oldest > 30 },
      text: `to deliver${oldest > 1 ? `, the oldest for ${spanOf(oldest)}` : ''}`,
    },
    { href: '#consumers', text: 'behind at consumers', n: lag, bad: lag === '?' || lag > 1000 },
    {
      ...{ href: '#node', text: ops.node.ok ? 'node answers' : 'node does not answer' },
      ...{ n: ops.node.ok ? 'yes' : 'no', bad: !ops.node.ok },
    },
    broken === undefined
      ? { href: '#doctor', text: 'the doctor has not looked yet', n: 'unknown', bad: true }
      : { href: '#doctor', text: 'rules broken, says the doctor', n: broken, bad: broken > 0 },
  ];
}

function Counts({ ops }: { readonly ops: OpsView }): JSX.Element {
  return (
    <ul class="counts">
      {countsOf(ops).map(({ href, text, n, bad }) => (
        <li key={href} class={bad ? 'bad' : 'good'}>
          <a href={href}>
            <b>{n}</b> {text}
          </a>
        </li>
      ))}
    </ul>
  );
}

function Stuck({ view, ops, temporalUi }: OpsProps): JSX.Element {
  if (ops.stuck.length === 0) return <Empty>No payment is past its deadline.</Empty>;
  return (
    <Table
      caption={`${counted(ops.stuck.length, 'payment')}, the longest overdue first`}
      rows={ops.stuck}
      keyOf={({ workflowId }) => workflowId}
      columns={[
        {
          head: 'Payment',
          cell: ({ subject, workflowId }) => (
            <>
              <a class="mono" href={to(view, `/ops/payments/${subject.split('/', 1)[0] ?? ''}`)}>
                {subject.slice(0, 8)}
              </a>{' '}
              <WorkflowLink temporalUi={temporalUi} id={workflowId} />
            </>
          ),
        },
        { head: 'State', cell: ({ machine, state }) => `${machine} ${state}` },
        { head: 'Overdue', cell: ({ overdueSeconds }) => spanOf(overdueSeconds) },
        { head: 'Tries', number: true, cell: ({ tries }) => tries },
        { head: 'What mends it', cell: ({ mend }) => <code>{mend}</code> },
      ]}
    />
  );
}

export function WorkflowLink({
  temporalUi,
  id,
}: {
  readonly temporalUi: string | null;
  readonly id: string;
}): JSX.Element | null {
  if (temporalUi === null) return null;
  return (
    <a class="small" href={`${temporalUi}/workflows/${encodeURIComponent(id)}`}>
      workflow
    </a>
  );
}

function Calls({ ops }: { readonly ops: OpsView }): JSX.Element {
  if (ops.calls.length === 0) return <Empty>Every call to the node is on time.</Empty>;
  return (
    <Table
      rows={ops.calls}
      keyOf={({ kind, hash }) => `${kind}-${hash}`}
      columns={[
        {
          head: 'Call',
          cell: ({ kind, hash }) => (
            <>
              {kind} <span class="mono">{hash.slice(0, 8)}</span>
            </>
          ),
        },
        { head: 'Since', cell: ({ since }) => since },
        { head: 'Failed', number: true, cell: ({ tries }) => tries },
        { head: 'Last error', cell: ({ lastError }) => lastError },
        { head: 'What mends it', cell: ({ mend }) => mend !== null && <code>{mend}</code> },
      ]}
    />
  );
}
