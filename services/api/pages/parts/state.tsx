import type { JSX } from 'preact';

type Kind = 'good' | 'warn' | 'bad' | 'info';

const KINDS: Readonly<Record<string, Kind>> = {
  PAID: 'good',
  FAILED: 'bad',
  PENDING: 'warn',
  PENDING_HELD: 'warn',
  CANCELLING: 'warn',
};

const WORDS: Readonly<Record<string, string>> = {
  INVOICING: 'making the invoice',
  WRAPPING: 'making the invoice',
  PENDING: 'waiting for payment',
  PENDING_HELD: 'waiting for payment',
  HELD: 'received, being completed',
  FORWARDING: 'received, being forwarded',
  FORWARDED: 'forwarded, being completed',
  WITHDRAWING: 'being paid out',
  CANCELLING: 'being cancelled',
  PAID: 'paid',
  FAILED: 'not paid',
};

export function stateWord(state: string): string {
  return WORDS[state] ?? state.toLowerCase();
}

/** The state of an attempt in words; the technical name is there for whoever points at it. */
export function AttemptState({ state }: { readonly state: string }): JSX.Element {
  return (
    <span class={`state ${KINDS[state] ?? 'info'}`} title={state}>
      {stateWord(state)}
    </span>
  );
}

export function Badge({ kind, text }: { readonly kind: Kind; readonly text: string }): JSX.Element {
  return <span class={`state ${kind}`}>{text}</span>;
}

const REASONS: Readonly<Record<string, string>> = {
  USER_CANCELLED: 'you cancelled it',
  SYSTEM_CANCELLED: 'it was cancelled to make room for others',
  INVOICE_EXPIRED: 'the invoice ran out before it was paid',
  INVOICE_CREATION_FAILED: 'the Lightning node could not make an invoice',
  INVOICE_WRAPPING_FAILED: 'no wallet of the receiver could be used',
  INVOICE_FORWARDING_FAILED: 'the receiver could not be paid; your payment was returned',
  INVOICE_FORWARDING_CLTV_DELTA_TOO_LOW: 'too little time was left; your payment was returned',
  EXECUTION_FAILED: 'it was not possible any more when the payment came',
  WITHDRAWAL_FAILED: 'the payment could not be sent; the amount is back in your balance',
};

export function reasonText(reason: string): string {
  return REASONS[reason] ?? reason.toLowerCase().replaceAll('_', ' ');
}
