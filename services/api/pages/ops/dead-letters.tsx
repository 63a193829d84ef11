import type { JSX } from 'preact';
import { Empty, Notice, Page, PostForm } from '../layout.js';
import { counted } from '../parts/money.js';
import { type Column, Table } from '../parts/table.js';
import { to, type View } from '../view.js';
import type { Asked } from './read-ops.js';
import type { LetterView } from './streams-view.js';

interface Props {
  readonly view: View;
  readonly asked: Asked<{ readonly letters: readonly LetterView[]; readonly all: number }>;
}

/** Messages that were refused; one is replayed at once, many after a look at what they are. */
export function DeadLetters({ view, asked }: Props): JSX.Element {
  if (!asked.ok) return <Notice kind="warn">They could not be read: {asked.why}.</Notice>;
  const { letters, all } = asked.value;
  if (letters.length === 0) return <Empty>No message was refused.</Empty>;
  return (
    <PostForm view={view} path="/ops/dead-letters/preview">
      <LetterTable letters={letters} choose />
      <p class="actions row">
        <button>Replay the chosen …</button>
        <span class="small">
          {counted(all, 'letter')} in all
          {all > letters.length && `, the oldest ${letters.length} here`}
        </span>
      </p>
    </PostForm>
  );
}

const CHOSEN: Column<LetterView> = {
  ...{ head: 'Chosen', silent: true },
  cell: ({ seq }) => (
    <input type="checkbox" name="seq" value={seq} aria-label={`Letter ${seq}`} checked />
  ),
};

function LetterTable({
  letters,
  choose,
}: {
  readonly letters: readonly LetterView[];
  readonly choose: boolean;
}): JSX.Element {
  return (
    <Table
      rows={letters}
      keyOf={({ seq }) => seq}
      columns={[
        ...(choose ? [CHOSEN] : []),
        { head: 'Letter', cell: ({ seq }) => seq },
        { head: 'Subject', mono: true, cell: ({ subject }) => subject },
        {
          head: 'Reason',
          cell: ({ reason, consumer }) => (
            <>
              {reason} <span class="meta">by {consumer}</span>
            </>
          ),
        },
        { head: 'Refused at (UTC)', cell: ({ diedAt }) => diedAt.slice(0, 19).replace('T', ' ') },
      ]}
    />
  );
}

/** What a replay of many would do, before it is done. */
export function ReplayPreview({
  view,
  letters,
}: {
  readonly view: View;
  readonly letters: readonly LetterView[];
}): JSX.Element {
  const bySubject = new Map<string, number>();
  for (const { subject } of letters) {
    const kind = subject.split('.').slice(0, 2).join('.');
    bySubject.set(kind, (bySubject.get(kind) ?? 0) + 1);
  }
  return (
    <Page view={view} title={`Replay ${counted(letters.length, 'letter')}?`}>
      <p>
        Each is published to its subject again, and applied once at most. What is refused again
        comes back here.
      </p>
      <ul>
        {[...bySubject].map(([kind, n]) => (
          <li key={kind}>
            {counted(n, 'message')} of <span class="mono">{kind}</span>
          </li>
        ))}
      </ul>
      <LetterTable letters={letters} choose={false} />
      <PostForm view={view} path="/ops/dead-letters/replay">
        {letters.map(({ seq }) => (
          <input key={seq} type="hidden" name="seq" value={seq} />
        ))}
        <p class="actions row">
          <button class="primary" disabled={letters.length === 0}>
            Replay {counted(letters.length, 'letter')}
          </button>
          <a class="button" href={to(view, '/ops#letters')}>
            Leave them
          </a>
        </p>
      </PostForm>
    </Page>
  );
}
