import type { ComponentChildren, JSX } from 'preact';
import type { TransmissionView } from '../../../../engine/transmissions/read-transmission.js';
import { sats } from '../parts/money.js';
import { AttemptState } from '../parts/state.js';
import { newFormKey, to, type View } from '../view.js';

interface Props {
  readonly view: View;
  readonly order: TransmissionView;
}

/** For the owner, without the frame of a page. Its forms are sent by the script that has read it, with the token of the order. */
export function OwnPart({ view, order }: Props): JSX.Element {
  const { state } = order.order;
  const open = state === 'pending' || state === 'paid';
  return (
    <section>
      <h2>Yours</h2>
      <ul>
        {order.invoices.map(({ hash, amountMsat, state: invoice }) => (
          <li key={hash}>
            <a
              class={invoice === 'open' ? 'button primary' : undefined}
              href={to(view, `/pay/${hash}`)}
            >
              {invoice === 'open' ? `Pay ${sats(amountMsat)}` : `Invoice of ${sats(amountMsat)}`}
            </a>{' '}
            <span class="meta">{INVOICE_WORDS[invoice]}</span>
          </li>
        ))}
      </ul>
      {open && <Change view={view} order={order} />}
      <Owed view={view} order={order} />
    </section>
  );
}

const INVOICE_WORDS: Readonly<Record<TransmissionView['invoices'][number]['state'], string>> = {
  wanted: 'being made',
  open: 'not paid yet',
  held: 'received',
  settled: 'paid',
  canceled: 'closed',
};

function OwnForm({
  view,
  path,
  children,
}: {
  readonly view: View;
  readonly path: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <form data-own-form method="post" action={to(view, path)}>
      <input type="hidden" name="key" value={newFormKey()} />
      {children}
    </form>
  );
}

function Change({ view, order: { order } }: Props): JSX.Element {
  const path = `/satellite/orders/${order.id}`;
  return (
    <>
      <OwnForm view={view} path={`${path}/bump`}>
        <label for="bump">
          Raise the bid, in sats{' '}
          <span class="hint">Paid by another invoice. The highest bid per byte goes first.</span>
        </label>
        <p class="row">
          <input
            id="bump"
            name="sats"
            type="number"
            class="short"
            min={1}
            max={100_000_000}
            required
          />
          <button>Get an invoice</button>
        </p>
      </OwnForm>
      <OwnForm view={view} path={`${path}/cancel`}>
        <button>Cancel the order</button>
      </OwnForm>
    </>
  );
}

/** What was paid for a transmission that was not sent, or too late. */
function Owed({ view, order }: Props): JSX.Element | null {
  const path = `/satellite/orders/${order.order.id}`;
  return (
    <>
      {order.withdrawals.map(({ id, amountMsat, state }) => (
        <p key={id}>
          {sats(amountMsat)} to your invoice: <AttemptState state={state} />
        </p>
      ))}
      {order.owedMsat > 0n && (
        <>
          <p>
            Owed to you: <b>{sats(order.owedMsat)}</b>.
          </p>
          {view.viewer !== null && (
            <OwnForm view={view} path={`${path}/collect`}>
              <p class="row">
                <button name="asset" value="CREDITS">
                  Take it as credits of @{view.viewer.name}
                </button>
              </p>
            </OwnForm>
          )}
          <OwnForm view={view} path={`${path}/withdraw`}>
            <label for="owed-invoice">
              Lightning invoice{' '}
              <span class="hint">
                Made by your wallet, of what is owed less 1 % for routing, at least 10 sats.
              </span>
            </label>
            <textarea id="owed-invoice" name="bolt11" class="mono low" required />
            <p class="actions">
              <button>Have it paid</button>
            </p>
          </OwnForm>
        </>
      )}
    </>
  );
}
