import type { JSX } from 'preact';
import type { ActionView } from '../../../../engine/actions/contract.js';
import type { ActionSubject } from '../../../../engine/actions/read-subjects.js';
import { fullName } from '../actions/subject-name.js';
import { Empty, More, Page, PostForm } from '../layout.js';
import { sats } from '../parts/money.js';
import { AttemptState } from '../parts/state.js';
import { Table } from '../parts/table.js';
import { Ago } from '../parts/time.js';
import { to, type View } from '../view.js';

export interface MeProps {
  readonly view: View;
  readonly name: string;
  readonly creditsMsat: bigint;
  readonly satsMsat: bigint;
  /** Notices; 100: as many or more. */
  readonly unread: number;
  readonly actions: readonly ActionView[];
  /** Of these actions, by their ids. */
  readonly subjects: ReadonlyMap<string, ActionSubject>;
  readonly cursor: string | null;
}

export function MePage(props: MeProps): JSX.Element {
  const { view, name, creditsMsat, satsMsat, unread, actions, subjects, cursor } = props;
  return (
    <Page view={view} title={`@${name}`}>
      <ul class="counts">
        <li>
          <b>{sats(creditsMsat)}</b>
          Credits · <a href={to(view, '/submit/buy-credits')}>buy</a>
        </li>
        <li>
          <b>{sats(satsMsat)}</b>
          Sats, earned · <a href={to(view, '/withdrawals')}>withdraw</a>
        </li>
        <li class={unread > 0 ? 'warn' : ''}>
          <b>{unread}</b>
          <a href={to(view, '/notices')}>Unread notices</a>
        </li>
      </ul>
      <div class="row">
        <a class="button" href={to(view, '/me/statement')}>
          Statement
        </a>
        <a class="button" href={to(view, '/wallets')}>
          Wallets
        </a>
        <a class="button" href={to(view, `/@${name}`)}>
          What others see
        </a>
        <PostForm view={view} path="/sign-out">
          <button>Sign out</button>
        </PostForm>
      </div>
      <h2>Your actions</h2>
      <Actions view={view} actions={actions} subjects={subjects} />
      <More view={view} path="/me" cursor={cursor} />
    </Page>
  );
}

function Actions({
  view,
  actions,
  subjects,
}: Pick<MeProps, 'view' | 'actions' | 'subjects'>): JSX.Element {
  if (actions.length === 0) {
    return (
      <Empty>
        You have not paid for anything yet. <a href={to(view, '/submit')}>Begin with a post</a>.
      </Empty>
    );
  }
  return (
    <Table
      rows={actions}
      keyOf={({ id }) => id}
      columns={[
        {
          head: 'What',
          cell: ({ id, type }) => (
            <a href={to(view, `/actions/${id}`)}>{fullName(subjects.get(id), type)}</a>
          ),
        },
        { head: 'Cost', number: true, cell: ({ costMsat }) => sats(costMsat) },
        { head: 'State', cell: ({ state }) => <AttemptState state={state} /> },
        { head: 'Attempt', number: true, cell: ({ attempts }) => attempts.at(-1)?.attempt },
        { head: 'When', cell: ({ createdAt }) => <Ago at={createdAt} /> },
      ]}
    />
  );
}
