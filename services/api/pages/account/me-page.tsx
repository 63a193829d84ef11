import type { JSX } from 'preact';
import type { ActionView } from '../../../../engine/actions/contract.js';
import { actionWord } from '../actions/action-words.js';
import { Empty, More, Page, PostForm } from '../layout.js';
import { sats } from '../parts/money.js';
import { AttemptState } from '../parts/state.js';
import { Ago } from '../parts/time.js';
import { to, type View } from '../view.js';

export interface MeProps {
  readonly view: View;
  readonly name: string;
  readonly creditsMsat: bigint;
  readonly satsMsat: bigint;
  /** Failed payments that wait for a decision. */
  readonly failures: number;
  readonly actions: readonly ActionView[];
  readonly cursor: string | null;
}

export function MePage(props: MeProps): JSX.Element {
  const { view, name, creditsMsat, satsMsat, failures, actions, cursor } = props;
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
        <li class={failures > 0 ? 'bad' : ''}>
          <b>{failures}</b>
          <a href={to(view, '/notices')}>Failed payments</a>
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
      <Actions view={view} actions={actions} />
      <More view={view} path="/me" cursor={cursor} />
    </Page>
  );
}

function Actions({ view, actions }: { view: View; actions: readonly ActionView[] }): JSX.Element {
  if (actions.length === 0) {
    return (
      <Empty>
        You have not paid for anything yet. <a href={to(view, '/submit')}>Begin with a post</a>.
      </Empty>
    );
  }
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col" class="number">
              Cost
            </th>
            <th scope="col">State</th>
            <th scope="col">Attempt</th>
            <th scope="col">When</th>
          </tr>
        </thead>
        <tbody>
          {actions.map((action) => (
            <tr key={action.id}>
              <td>
                <a href={to(view, `/actions/${action.id}`)}>{actionWord(action.type)}</a>
              </td>
              <td class="number">{sats(action.costMsat)}</td>
              <td>
                <AttemptState state={action.state} />
              </td>
              <td>{action.attempts.at(-1)?.attempt}</td>
              <td>
                <Ago at={action.createdAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
