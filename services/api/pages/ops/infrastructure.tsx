import type { JSX } from 'preact';
import { Empty, Notice } from '../layout.js';
import { grouped, sats } from '../parts/money.js';
import { Table } from '../parts/table.js';
import { spanOf } from '../parts/time.js';
import type { OpsView } from './read-ops.js';

/** What moves between the stores and the node. */
export function Infrastructure({ ops }: { readonly ops: OpsView }): JSX.Element {
  return (
    <>
      <h2 id="outbox">Outbox</h2>
      {ops.outbox.length === 0 && <Empty>Everything is delivered.</Empty>}
      <Table
        rows={ops.outbox}
        keyOf={({ destination }) => destination}
        columns={[
          { head: 'To', cell: ({ destination }) => destination },
          { head: 'Rows', number: true, cell: ({ backlog }) => grouped(backlog) },
          {
            head: 'Oldest',
            cell: ({ oldestSeconds }) => (oldestSeconds === null ? '' : spanOf(oldestSeconds)),
          },
        ]}
      />
      <h2 id="consumers">Consumers</h2>
      <Consumers asked={ops.consumers} />
      <h2 id="node">Lightning node</h2>
      <Node asked={ops.node} />
    </>
  );
}

function Consumers({ asked }: { readonly asked: OpsView['consumers'] }): JSX.Element {
  if (!asked.ok) return <Notice kind="warn">They could not be read: {asked.why}.</Notice>;
  if (asked.value.length === 0) return <Empty>Nobody consumes a stream yet.</Empty>;
  return (
    <Table
      rows={asked.value}
      keyOf={({ stream, consumer }) => `${stream}-${consumer}`}
      columns={[
        { head: 'Stream', cell: ({ stream }) => stream },
        { head: 'Consumer', cell: ({ consumer }) => consumer },
        { head: 'Behind', number: true, cell: ({ waiting }) => grouped(waiting) },
        {
          ...{ head: 'Not acknowledged', number: true },
          cell: ({ unacknowledged }) => grouped(unacknowledged),
        },
      ]}
    />
  );
}

function Node({ asked }: { readonly asked: OpsView['node'] }): JSX.Element {
  if (!asked.ok) return <Notice kind="bad">It does not answer: {asked.why}.</Notice>;
  const { publicKey, network, version, blockHeight, synced } = asked.value;
  return (
    <dl class="facts">
      <dt>Public key</dt>
      <dd class="mono">{publicKey}</dd>
      <dt>Network</dt>
      <dd>
        {network}, {version}
      </dd>
      <dt>Block</dt>
      <dd>
        {grouped(blockHeight)}
        {!synced && ' (behind the chain)'}
      </dd>
      <dt>Can send</dt>
      <dd>{sats(asked.value.sendableMsat)}</dd>
      <dt>Can receive</dt>
      <dd>{sats(asked.value.receivableMsat)}</dd>
    </dl>
  );
}
