import type { JSX } from 'preact';
import type { StatementLine } from '../../../../engine/accounts/read-statement.js';
import { Empty, More, Page } from '../layout.js';
import { sats } from '../parts/money.js';
import { Table } from '../parts/table.js';
import { to, type View } from '../view.js';
import { ExpiryChart, type Expiring } from './expiry-chart.js';

export interface StatementProps {
  readonly view: View;
  readonly lots: readonly Expiring[];
  readonly lines: readonly StatementLine[];
  readonly cursor: string | null;
}

export function StatementPage({ view, lots, lines, cursor }: StatementProps): JSX.Element {
  return (
    <Page view={view} title="Statement">
      <h2>Credits by the day on which they expire</h2>
      {lots.length === 0 ? (
        <Empty>
          You have no credits. <a href={to(view, '/submit/buy-credits')}>Buy some</a>.
        </Empty>
      ) : (
        <ExpiryChart lots={lots} />
      )}
      <h2>What changed your balances</h2>
      {lines.length === 0 ? <Empty>Nothing yet.</Empty> : <Lines view={view} lines={lines} />}
      <More view={view} path="/me/statement" cursor={cursor} />
    </Page>
  );
}

function Lines({ view, lines }: { view: View; lines: readonly StatementLine[] }): JSX.Element {
  return (
    <Table
      rows={lines}
      keyOf={({ entryId, asset }) => `${entryId}-${asset}`}
      columns={[
        { head: 'When', cell: ({ at }) => at },
        { head: 'For', cell: ({ key }) => <For view={view} name={key} /> },
        { head: 'Balance', cell: ({ asset }) => (asset === 'CREDITS' ? 'credits' : 'sats') },
        {
          ...{ head: 'Change', number: true },
          cell: ({ amountMsat }) => `${amountMsat > 0n ? '+' : ''}${sats(amountMsat)}`,
        },
        { head: 'Then', number: true, cell: ({ balanceAfterMsat }) => sats(balanceAfterMsat) },
      ]}
    />
  );
}

/** Like `action/<id>/1/paid`. */
function For({ view, name }: { readonly view: View; readonly name: string }): JSX.Element {
  const [, id, attempt, what] = /^action\/([0-9a-f-]{36})\/(\d+)\/(\w+)$/.exec(name) ?? [];
  if (name.startsWith('grant/')) return <>credits that you were granted</>;
  if (id === undefined) return <span class="mono">{name}</span>;
  return (
    <a href={to(view, `/actions/${id}`)}>
      {what} · attempt {attempt}
    </a>
  );
}
