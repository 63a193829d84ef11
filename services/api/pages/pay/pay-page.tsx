import type { JSX } from 'preact';
import type { Payable } from '../../../../engine/actions/read-payable.js';
import { actionWord } from '../actions/action-words.js';
import { Notice, Page, PostForm } from '../layout.js';
import { sats } from '../parts/money.js';
import { InvoiceQr } from '../parts/qr.js';
import { to, type View } from '../view.js';
import { PAY_WORDS, type PayState, payStateOf } from './pay-state.js';

const REFRESH_SECONDS = 5;
const MOVING: ReadonlySet<PayState> = new Set([
  'preparing',
  'waiting',
  'checking',
  'received',
  'cancelling',
]);

export interface PayPageProps {
  readonly view: View;
  readonly payable: Payable;
  /** Whether the viewer may cancel and retry: whoever opened the action. */
  readonly entitled: boolean;
  readonly retryable: boolean;
}

export function PayPage(props: PayPageProps): JSX.Element {
  const { view, payable } = props;
  const state = payStateOf(payable);
  const moving = MOVING.has(state);
  return (
    <Page
      view={view}
      title={PAY_WORDS[state].heading}
      heading={false}
      shows={payable.mark}
      events={moving ? to(view, `/pay/${payable.hash}/events`) : undefined}
      refreshSeconds={moving ? REFRESH_SECONDS : undefined}
      scripts={['pay.js']}
    >
      <div id="payment" data-live data-state={state} data-say={PAY_WORDS[state].heading}>
        <h1>{PAY_WORDS[state].heading}</h1>
        {state === 'waiting' && payable.bolt11 !== null ? (
          <Waiting {...props} bolt11={payable.bolt11} />
        ) : (
          <Told {...props} state={state} />
        )}
      </div>
    </Page>
  );
}

/** What is written on the invoice, as a person would say it. */
function memoText(memo: string): string {
  return memo === memo.toUpperCase() ? actionWord(memo).toLowerCase() : memo;
}

function Amount({ payable }: { readonly payable: Payable }): JSX.Element {
  return (
    <>
      <p class="amount">{payable.amountMsat === 0n ? 'Any amount' : sats(payable.amountMsat)}</p>
      <p class="meta">
        For: {memoText(payable.memo)}
        {payable.of.kind === 'attempt' &&
          payable.of.attempt > 1 &&
          ` · attempt ${payable.of.attempt}`}
      </p>
    </>
  );
}

function Waiting(props: PayPageProps & { readonly bolt11: string }): JSX.Element {
  const { view, payable, bolt11, entitled } = props;
  return (
    <div class="pay">
      <InvoiceQr bolt11={bolt11} />
      <div>
        <Amount payable={payable} />
        <p>{PAY_WORDS.waiting.text}</p>
        <SecondsLeft seconds={payable.secondsLeft} />
        <p class="row">
          <a class="button primary" href={`lightning:${bolt11}`}>
            Open in wallet
          </a>
          <button type="button" data-webln={bolt11} hidden>
            Pay with browser wallet
          </button>
          <button type="button" data-copy={bolt11} hidden>
            Copy invoice
          </button>
        </p>
        <label for="invoice">Invoice</label>
        <textarea id="invoice" class="mono low" readOnly>
          {bolt11}
        </textarea>
        <noscript>
          <p class="small">
            This page reads itself again every {REFRESH_SECONDS} seconds, or{' '}
            <a href={to(view, `/pay/${payable.hash}`)}>now</a>.
          </p>
        </noscript>
        {entitled && <Cancel view={view} payable={payable} />}
      </div>
    </div>
  );
}

function SecondsLeft({ seconds }: { readonly seconds: number | null }): JSX.Element | null {
  if (seconds === null) return null;
  const whole = Math.max(0, Math.floor(seconds));
  const text = `${Math.floor(whole / 60)}:${(whole % 60).toString().padStart(2, '0')}`;
  return (
    <p>
      Valid for <b data-seconds-left={whole}>{text}</b> more minutes
    </p>
  );
}

function Cancel({ view, payable }: { view: View; payable: Payable }): JSX.Element {
  return (
    <PostForm view={view} path={`/pay/${payable.hash}/cancel`}>
      <p>
        <button>Cancel</button>
      </p>
    </PostForm>
  );
}

function Told({
  view,
  payable,
  entitled,
  retryable,
  state,
}: PayPageProps & { readonly state: PayState }): JSX.Element {
  const { of } = payable;
  const newer = of.kind === 'attempt' && of.newest > of.attempt ? of : undefined;
  return (
    <div class="narrow">
      <Notice kind={PAY_WORDS[state].kind}>
        <p>{PAY_WORDS[state].text}</p>
      </Notice>
      <Amount payable={payable} />
      {newer !== undefined && <Newer view={view} hash={newer.newestHash} attempt={newer.newest} />}
      {newer === undefined && retryable && (
        <PostForm view={view} path={`/pay/${payable.hash}/retry`}>
          <p>
            <button class="primary">New invoice</button>
          </p>
        </PostForm>
      )}
      {state === 'preparing' && entitled && <Cancel view={view} payable={payable} />}
      {of.kind === 'attempt' && entitled && (
        <p>
          <a href={to(view, `/actions/${of.actionId}`)}>What this was for</a>
        </p>
      )}
      {of.kind === 'order' && (
        <p>
          <a href={to(view, '/satellite')}>Your transmissions, and the queue</a>
        </p>
      )}
      {(state === 'expired' || state === 'failed' || state === 'cancelled') && !entitled && (
        <p class="small">Whoever asked you to pay can make a new invoice.</p>
      )}
    </div>
  );
}

function Newer({
  view,
  hash,
  attempt,
}: {
  readonly view: View;
  readonly hash: string | null;
  readonly attempt: number;
}): JSX.Element {
  if (hash === null) return <p>It was tried again: attempt {attempt}.</p>;
  return (
    <p>
      It was tried again:{' '}
      <a class="button primary" href={to(view, `/pay/${hash}`)}>
        attempt {attempt}
      </a>
    </p>
  );
}
