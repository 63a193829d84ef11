import type { Payable } from '../../../../engine/actions/read-payable.js';

/** What a payer has to know. */
export type PayState =
  | 'preparing'
  | 'waiting'
  | 'checking'
  | 'received'
  | 'paid'
  | 'cancelling'
  | 'cancelled'
  | 'expired'
  | 'failed';

const OF_OPEN_INVOICE = { wanted: 'preparing', held: 'received', settled: 'paid' } as const;

export function payStateOf({ of, invoiceState, secondsLeft, receivedMsat }: Payable): PayState {
  const over = secondsLeft !== null && secondsLeft <= 0;
  if (of.kind === 'order') {
    if (invoiceState === 'open') return over ? 'checking' : 'waiting';
    if (invoiceState === 'canceled') return over ? 'expired' : 'cancelled';
    return OF_OPEN_INVOICE[invoiceState];
  }
  switch (of.state) {
    case 'INVOICING':
    case 'WRAPPING':
      return 'preparing';
    case 'PENDING':
    case 'PENDING_HELD':
      return over ? 'checking' : 'waiting';
    case 'HELD':
    case 'FORWARDING':
    case 'FORWARDED':
    case 'WITHDRAWING':
      return 'received';
    case 'PAID':
      return 'paid';
    case 'CANCELLING':
      return 'cancelling';
    case 'FAILED':
      if (of.reason === 'USER_CANCELLED' || of.reason === 'SYSTEM_CANCELLED') return 'cancelled';
      return receivedMsat === 0n && over ? 'expired' : 'failed';
  }
}

export interface PayWords {
  readonly heading: string;
  readonly text: string;
  readonly kind: 'info' | 'good' | 'warn' | 'bad';
}

export const PAY_WORDS: Readonly<Record<PayState, PayWords>> = {
  preparing: {
    heading: 'The invoice is being made',
    text: 'The Lightning node is asked for it. This takes a moment.',
    kind: 'info',
  },
  waiting: {
    heading: 'Waiting for your payment',
    text: 'Scan the code with a Lightning wallet, open it in a wallet on this device, or copy the invoice.',
    kind: 'info',
  },
  checking: {
    heading: 'The invoice has run out',
    text: 'Do not pay it any more. The node is asked whether a payment arrived in time.',
    kind: 'warn',
  },
  received: {
    heading: 'Received, being completed',
    text: 'Your payment has arrived. It is taken once what you pay for is done, or goes back to you.',
    kind: 'good',
  },
  paid: { heading: 'Paid', text: 'Your payment is complete.', kind: 'good' },
  cancelling: {
    heading: 'Being cancelled',
    text: 'Do not pay it any more. The node is closing the invoice.',
    kind: 'warn',
  },
  cancelled: {
    heading: 'Cancelled',
    text: 'Nothing was taken. This invoice can no longer be paid.',
    kind: 'warn',
  },
  expired: {
    heading: 'Expired, not paid',
    text: 'Nothing was taken. This invoice can no longer be paid.',
    kind: 'warn',
  },
  failed: {
    heading: 'Not completed',
    text: 'What was to be paid for could not be done. A payment that arrived was returned, or is kept for you as credits.',
    kind: 'bad',
  },
};
