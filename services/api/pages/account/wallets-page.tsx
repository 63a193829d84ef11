import type { JSX } from 'preact';
import type { ActionView } from '../../../../engine/actions/contract.js';
import type { AutoWithdrawalSetting } from '../../../../engine/payouts/auto-withdrawals.js';
import type { PayeeWallet } from '../../../../engine/payouts/payee-wallets.js';
import type { Refusal } from '../../../../domain/refusal.js';
import type { WalletKind } from '../../../../adapters/lightning/wallets/port.js';
import { actionWord } from '../actions/action-words.js';
import { Empty, Notice, Page, PostForm } from '../layout.js';
import { sats } from '../parts/money.js';
import { Refused } from '../parts/refused.js';
import { AttemptState, reasonText } from '../parts/state.js';
import { Table } from '../parts/table.js';
import { Ago } from '../parts/time.js';
import { to, type View } from '../view.js';

export interface WalletsProps {
  readonly view: View;
  readonly wallets: readonly PayeeWallet[];
  readonly refusal?: Refusal;
}

const KINDS: Readonly<Record<WalletKind, string>> = {
  lightning_address: 'Lightning address',
  nwc: 'Nostr Wallet Connect (NWC)',
  lnd: 'lnd node',
  simulator: 'simulated wallet, for tests',
};

export function WalletsPage({ view, wallets, refusal }: WalletsProps): JSX.Element {
  return (
    <Page view={view} title="Wallets">
      <p>
        Zaps for what you write are paid to your wallets, in this order. Without one that works,
        they become credits.
      </p>
      <Refused refusal={refusal} />
      {wallets.length === 0 ? (
        <Empty>You have no wallet here yet.</Empty>
      ) : (
        <ul class="feed">
          {wallets.map((wallet) => (
            <li key={wallet.id.toString()} class="row">
              <span class="mono">{wallet.address}</span>
              <span class="meta">
                {KINDS[wallet.kind]} · {wallet.enabled ? 'in use' : 'switched off'}
              </span>
              <PostForm view={view} path="/wallets">
                <input type="hidden" name="kind" value={wallet.kind} />
                <input type="hidden" name="address" value={wallet.address} />
                <input type="hidden" name="priority" value={wallet.priority} />
                {!wallet.enabled && <input type="hidden" name="enabled" value="on" />}
                <button class="quiet">{wallet.enabled ? 'Switch off' : 'Use again'}</button>
              </PostForm>
            </li>
          ))}
        </ul>
      )}
      <PostForm view={view} path="/wallets" class="card narrow">
        <h2>Add a wallet</h2>
        <input type="hidden" name="enabled" value="on" />
        <label for="kind">Kind</label>
        <select id="kind" name="kind">
          {Object.entries(KINDS).map(([kind, text]) => (
            <option key={kind} value={kind}>
              {text}
            </option>
          ))}
        </select>
        <label for="address">
          Address <span class="hint">It must not be able to spend, such as name@example.com.</span>
        </label>
        <input id="address" name="address" required maxLength={2000} />
        <label for="priority">
          Order <span class="hint">Lower ones are tried first.</span>
        </label>
        <input id="priority" name="priority" type="number" class="short" value="0" />
        <p class="actions">
          <button class="primary">Add</button>
        </p>
      </PostForm>
    </Page>
  );
}

const FAILURES: Readonly<Record<string, string>> = {
  no_wallet: 'you have no wallet here that is in use',
  no_route: 'no route to your wallet was found',
  timeout: 'your wallet or the network took too long',
  rejected: 'your wallet refused the payment',
  insufficient: 'our node could not send so much just now',
};

function failureText(failure: string): string {
  return FAILURES[failure] ?? failure.replaceAll('_', ' ');
}

export interface WithdrawalsProps {
  readonly view: View;
  readonly satsMsat: bigint;
  readonly auto: AutoWithdrawalSetting;
  /** The newest first. */
  readonly withdrawals: readonly ActionView[];
  readonly refusal?: Refusal;
}

export function WithdrawalsPage(props: WithdrawalsProps): JSX.Element {
  const { view, satsMsat, auto, withdrawals, refusal } = props;
  return (
    <Page view={view} title="Withdraw">
      <p class="amount">{sats(satsMsat)}</p>
      <p class="meta">Sats that you have earned. Credits cannot be withdrawn.</p>
      <Refused refusal={refusal} />
      <PostForm view={view} path="/withdrawals" class="card narrow">
        <h2>Pay an invoice of yours</h2>
        <label for="bolt11">
          Lightning invoice{' '}
          <span class="hint">
            Made by your wallet. The most that routing may cost is set aside; the rest of that comes
            back.
          </span>
        </label>
        <textarea id="bolt11" name="bolt11" class="mono low" required />
        <label for="amountSats">
          Amount, in sats <span class="hint">Only where the invoice names none.</span>
        </label>
        <input id="amountSats" name="amountSats" type="number" min={1} class="short" />
        <p class="actions">
          <button class="primary">Withdraw</button>
        </p>
      </PostForm>
      <PostForm view={view} path="/withdrawals/auto" class="card narrow">
        <h2>Automatically</h2>
        {auto.failure !== null && (
          <Notice kind="warn">
            The last try failed: {failureText(auto.failure)}. It is tried again.
          </Notice>
        )}
        <label for="threshold">
          Keep at most, in sats{' '}
          <span class="hint">What is above it goes to your wallet. Empty: it stays.</span>
        </label>
        <input
          id="threshold"
          name="thresholdSats"
          type="number"
          min={0}
          class="short"
          value={auto.thresholdMsat === null ? '' : (auto.thresholdMsat / 1000n).toString()}
        />
        <p class="actions">
          <button>Save</button>
        </p>
      </PostForm>
      <h2>Your withdrawals</h2>
      <Withdrawals view={view} withdrawals={withdrawals} />
    </Page>
  );
}

function Withdrawals({
  view,
  withdrawals,
}: Pick<WithdrawalsProps, 'view' | 'withdrawals'>): JSX.Element {
  if (withdrawals.length === 0) return <Empty>Nothing has been withdrawn yet.</Empty>;
  return (
    <Table
      rows={withdrawals}
      keyOf={({ id }) => id}
      columns={[
        {
          head: 'What',
          cell: ({ id, type }) => <a href={to(view, `/actions/${id}`)}>{actionWord(type)}</a>,
        },
        { head: 'Amount', number: true, cell: (action) => sats(amountOf(action)) },
        {
          ...{ head: 'Fee, at most', number: true },
          cell: (action) => sats(action.costMsat - amountOf(action)),
        },
        { head: 'State', cell: ({ state }) => <AttemptState state={state} /> },
        {
          head: 'Why',
          cell: ({ attempts }) => {
            const reason = attempts.at(-1)?.reason ?? null;
            return reason === null ? '' : reasonText(reason);
          },
        },
        { head: 'When', cell: ({ createdAt }) => <Ago at={createdAt} /> },
      ]}
    />
  );
}

/** What arrives: the cost holds the most that routing may cost, too. */
function amountOf({ args, costMsat }: ActionView): bigint {
  const amount =
    typeof args === 'object' && args !== null && 'amountMsat' in args ? args.amountMsat : undefined;
  return typeof amount === 'string' ? BigInt(amount) : costMsat;
}
