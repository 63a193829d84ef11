import type { JSX } from 'preact';
import type { AutoWithdrawalSetting } from '../../../../engine/payouts/auto-withdrawals.js';
import type { PayeeWallet } from '../../../../engine/payouts/payee-wallets.js';
import type { Refusal } from '../../../../domain/refusal.js';
import { WALLET_KINDS } from '../../../../adapters/lightning/wallets/port.js';
import { Empty, Notice, Page, PostForm } from '../layout.js';
import { sats } from '../parts/money.js';
import { Refused } from '../parts/refused.js';
import type { View } from '../view.js';

export interface WalletsProps {
  readonly view: View;
  readonly wallets: readonly PayeeWallet[];
  readonly refusal?: Refusal;
}

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
                {wallet.kind.replaceAll('_', ' ')} · {wallet.enabled ? 'in use' : 'switched off'}
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
          {[...WALLET_KINDS].reverse().map((kind) => (
            <option key={kind} value={kind}>
              {kind.replaceAll('_', ' ')}
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

export interface WithdrawalsProps {
  readonly view: View;
  readonly satsMsat: bigint;
  readonly auto: AutoWithdrawalSetting;
  readonly refusal?: Refusal;
}

export function WithdrawalsPage({ view, satsMsat, auto, refusal }: WithdrawalsProps): JSX.Element {
  return (
    <Page view={view} title="Withdraw">
      <p class="amount">{sats(satsMsat)}</p>
      <p class="meta">Sats that you have earned. Credits cannot be withdrawn.</p>
      <Refused refusal={refusal} />
      <PostForm view={view} path="/withdrawals" class="card narrow">
        <h2>Pay an invoice of yours</h2>
        <label for="bolt11">
          Lightning invoice{' '}
          <span class="hint">Made by your wallet. What routing does not cost comes back.</span>
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
        <h2>By itself</h2>
        {auto.failure !== null && <Notice kind="warn">The last one failed: {auto.failure}</Notice>}
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
    </Page>
  );
}
