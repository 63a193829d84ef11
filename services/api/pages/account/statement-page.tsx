import type { JSX } from 'preact';
import type { StatementLine } from '../../../../engine/accounts/read-statement.js';
import type { ActionSubject } from '../../../../engine/actions/read-subjects.js';
import { SubjectName } from '../actions/subject-name.js';
import { Empty, More, Page } from '../layout.js';
import { sats } from '../parts/money.js';
import { Table } from '../parts/table.js';
import { to, type View } from '../view.js';
import { ExpiryChart, type Expiring } from './expiry-chart.js';

export interface StatementProps {
  readonly view: View;
  readonly lots: readonly Expiring[];
  readonly lines: readonly StatementLine[];
  /** Of the actions that the lines name, by their ids. */
  readonly subjects: ReadonlyMap<string, ActionSubject>;
  readonly cursor: string | null;
}

export function StatementPage({
  view,
  lots,
  lines,
  subjects,
  cursor,
}: StatementProps): JSX.Element {
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
      {lines.length === 0 ? (
        <Empty>Nothing yet.</Empty>
      ) : (
        <Lines view={view} lines={lines} subjects={subjects} />
      )}
      <More view={view} path="/me/statement" cursor={cursor} />
    </Page>
  );
}

function Lines({ view, lines, subjects }: Omit<StatementProps, 'lots' | 'cursor'>): JSX.Element {
  return (
    <Table
      rows={lines}
      keyOf={({ entryId, asset }) => `${entryId}-${asset}`}
      columns={[
        { head: 'When', cell: ({ at }) => at },
        { head: 'For', cell: (line) => <For view={view} line={line} subjects={subjects} /> },
        { head: 'Kind', cell: ({ asset }) => (asset === 'CREDITS' ? 'credits' : 'sats') },
        {
          ...{ head: 'Change', number: true },
          cell: ({ amountMsat }) => `${amountMsat > 0n ? '+' : ''}${sats(amountMsat)}`,
        },
        {
          head: 'Balance then',
          number: true,
          cell: ({ balanceAfterMsat }) => sats(balanceAfterMsat),
        },
      ]}
    />
  );
}

interface ForProps {
  readonly view: View;
  readonly line: StatementLine;
  readonly subjects: StatementProps['subjects'];
}

/** What a balance changed for, in words. */
function For({ view, line, subjects }: ForProps): JSX.Element {
  const of = attemptOf(line.key);
  const subject = of && subjects.get(of.actionId);
  if (of === undefined || subject === undefined) return <>{otherEntry(line)}</>;
  const own = subject.actor === view.viewer?.id;
  return (
    <>
      {own && BEFORE[of.what]}
      {isShare(line, of.what, subject.type) && 'Your share of: '}
      <SubjectName view={view} subject={subject} />
      {own && (
        <span class="meta">
          {' · '}
          <a href={to(view, `/actions/${subject.actionId}`)}>attempt {of.attempt}</a>
        </span>
      )}
    </>
  );
}

/** Somebody is paid by what others, or they themselves, pay for; but not by what they buy for themselves. */
function isShare({ amountMsat }: StatementLine, what: string, type: string): boolean {
  return amountMsat > 0n && what === 'paid' && type !== 'BUY_CREDITS' && type !== 'REWARDS';
}

/** What happened to the money of an own attempt, by the last word of the entry's key; nothing where it was paid. */
const BEFORE: Readonly<Record<string, string>> = {
  reserved: 'Set aside for: ',
  refunded: 'Given back: ',
  unspent: 'Kept for you, since it was not done: ',
};

const OTHERS: readonly (readonly [start: string, text: string])[] = [
  ['grant/', 'that you were given'],
  ['grant-reversal/', 'that you were given, taken back'],
  ['expired/', 'that have expired'],
  ['claims/', 'What was kept for you, collected'],
  ['purses/', 'What was paid for a transmission that was not sent'],
  ['order/', 'A transmission'],
];

function otherEntry({ key, asset }: StatementLine): string {
  const text = OTHERS.find(([start]) => key.startsWith(start))?.[1] ?? key;
  return text.startsWith('that ') ? `${asset === 'SATS' ? 'Sats' : 'Credits'} ${text}` : text;
}

/** Of a key like `action/<id>/1/paid`. */
export function attemptOf(
  entry: string,
): { readonly actionId: string; readonly attempt: string; readonly what: string } | undefined {
  const [, actionId, attempt, what] = /^action\/([0-9a-f-]{36})\/(\d+)\/(\w+)$/.exec(entry) ?? [];
  if (actionId === undefined || attempt === undefined || what === undefined) return undefined;
  return { actionId, attempt, what };
}
