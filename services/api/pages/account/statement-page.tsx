import type { JSX } from 'preact';
import type { StatementLine } from '../../../../engine/accounts/read-statement.js';
import { Empty, More, Page } from '../layout.js';
import { sats } from '../parts/money.js';
import { Instant } from '../parts/time.js';
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
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">For</th>
            <th scope="col">Balance</th>
            <th scope="col" class="number">
              Change
            </th>
            <th scope="col" class="number">
              Then
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={`${line.entryId}-${line.asset}`}>
              <td>
                <Instant at={line.at} />
              </td>
              <td>
                <For view={view} name={line.key} />
              </td>
              <td>{line.asset === 'CREDITS' ? 'credits' : 'sats'}</td>
              <td class="number">{`${line.amountMsat > 0n ? '+' : ''}${sats(line.amountMsat)}`}</td>
              <td class="number">{sats(line.balanceAfterMsat)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Like `action/<id>/1/paid`. */
function For({ view, name }: { readonly view: View; readonly name: string }): JSX.Element {
  const [, id, attempt, what] = /^action\/([0-9a-f-]{36})\/(\d+)\/(\w+)$/.exec(name) ?? [];
  if (id === undefined) return <span class="mono">{name}</span>;
  return (
    <a href={to(view, `/actions/${id}`)}>
      {what} · attempt {attempt}
    </a>
  );
}
