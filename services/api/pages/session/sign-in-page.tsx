import type { JSX } from 'preact';
import type { Refusal } from '../../../../domain/refusal.js';
import { Notice, Page, PostForm } from '../layout.js';
import { InvoiceQr } from '../parts/qr.js';
import type { View } from '../view.js';

export interface SignInProps {
  readonly view: View;
  /** Where to go then. */
  readonly next: string;
  readonly problem?: string;
}

export function SignInPage({ view, next, problem }: SignInProps): JSX.Element {
  return (
    <Page view={view} title="Sign in">
      <div class="narrow">
        {problem !== undefined && <Notice kind="bad">{problem}</Notice>}
        <p>There are no passwords here. Sign in with a Lightning wallet, or with an API token.</p>
        <PostForm view={view} path="/sign-in/wallet" class="card">
          <input type="hidden" name="next" value={next} />
          <h2>With a wallet</h2>
          <p>
            Your wallet proves that it is yours: nothing is paid. The first time, this opens an
            account.
          </p>
          <button class="primary">Sign in with a wallet</button>
        </PostForm>
        <PostForm view={view} path="/sign-in" class="card">
          <input type="hidden" name="next" value={next} />
          <h2>With a token</h2>
          <label for="token">
            API token <span class="hint">Begins with qt_. The session ends when it does.</span>
          </label>
          <input id="token" name="token" type="password" autocomplete="off" required />
          <p class="actions">
            <button>Sign in with the token</button>
          </p>
        </PostForm>
      </div>
    </Page>
  );
}

export interface WalletProps {
  readonly view: View;
  readonly lnurl: string;
  readonly k1: string;
  readonly secret: string;
  readonly next: string;
  readonly refusal?: Refusal;
}

export function WalletPage(props: WalletProps): JSX.Element {
  const { view, lnurl, k1, secret, next, refusal } = props;
  const wantsName = refusal !== undefined && refusal.code !== 'login.not_signed';
  return (
    <Page view={view} title="Sign in with a wallet">
      {refusal !== undefined && (
        <Notice kind="warn">{WORDS[refusal.code] ?? refusal.detail}</Notice>
      )}
      <div class="pay">
        <InvoiceQr bolt11={lnurl} label="QR code for your wallet" />
        <PostForm view={view} path="/sign-in/wallet/enter">
          <ol>
            <li>Scan the code, or open it in a wallet on this device.</li>
            <li>Confirm in the wallet.</li>
            <li>Come back here and continue.</li>
          </ol>
          <p>
            <a class="button" href={`lightning:${lnurl}`}>
              Open in wallet
            </a>
          </p>
          <input type="hidden" name="k1" value={k1} />
          <input type="hidden" name="secret" value={secret} />
          <input type="hidden" name="next" value={next} />
          {wantsName && (
            <>
              <label for="name">
                Name of your new account
                <span class="hint">Small letters, digits, _ and -; at most 32.</span>
              </label>
              <input id="name" name="name" required maxLength={32} autocomplete="username" />
            </>
          )}
          <p class="actions">
            <button class="primary">Continue</button>
          </p>
        </PostForm>
      </div>
    </Page>
  );
}

const WORDS: Readonly<Record<string, string>> = {
  'login.not_signed': 'The wallet has not confirmed yet. Confirm there, then continue.',
  'login.name_required': 'This wallet is new here: choose a name for your account.',
  'account.name_taken': 'Somebody has this name: choose another one.',
};
