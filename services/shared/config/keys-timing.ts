import { optional, withDefault } from './key.js';
import { addresses, msat, seconds, wholeNumber, wholeSeconds } from './values.js';

const unit = 'seconds';

export const timingKeys = {
  QUITTANCE_SHUTDOWN_SECONDS: withDefault(seconds, '20', {
    description: 'How long a process that is told to stop may finish what it runs.',
    unit,
  }),
  QUITTANCE_INVOICE_EXPIRY_SECONDS: withDefault(wholeSeconds, '600', {
    description: "A paid action's invoice expires after this.",
    unit,
  }),
  QUITTANCE_ORDER_INVOICE_EXPIRY_SECONDS: withDefault(wholeSeconds, '3600', {
    description: "A transmission order's invoice expires after this.",
    unit,
  }),
  QUITTANCE_HOLD_SETTLE_SECONDS: withDefault(seconds, '60', {
    description: 'A held payment is settled within this or given back.',
    unit,
  }),
  QUITTANCE_CREATION_SECONDS: withDefault(seconds, '60', {
    description: 'An opening that has no invoice after this fails.',
    unit,
  }),
  QUITTANCE_CREATION_LEASE_SECONDS: withDefault(seconds, '15', {
    description: 'How long the edge has for creating the invoice before the workflow takes over.',
    unit,
  }),
  QUITTANCE_NODE_TIMEOUT_SECONDS: withDefault(seconds, '5', {
    description: 'One call to the Lightning node gives up after this; the outcome is then unknown.',
    unit,
  }),
  QUITTANCE_EXPIRY_GRACE_SECONDS: withDefault(seconds, '2', {
    description: 'How long after its expiry an invoice is looked up and closed.',
    unit,
  }),
  QUITTANCE_CONFIRM_TIMEOUT_SECONDS: optional(seconds, {
    description: "Overrides every channel's time for confirming a transmission.",
    unit,
  }),
};

export const creditKeys = {
  QUITTANCE_REFUND_GRACE_DAYS: withDefault(wholeNumber(1, 36_500), '30', {
    description: 'Credits that are given back after they have expired can be used for this long.',
    unit: 'days',
  }),
  QUITTANCE_ALEPH_ISSUERS: withDefault(addresses, 'none', {
    description:
      'Addresses whose messages may grant and expense credits of ledger aleph, separated by commas; none for nobody.',
  }),
  QUITTANCE_ALEPH_CHANNELS: withDefault(addresses, 'ALEPH_CREDIT', {
    description:
      'Channels whose messages have to do with credits, separated by commas; none for any channel.',
  }),
};

export const limitKeys = {
  QUITTANCE_MIN_BID_MSAT: withDefault(msat, '1000', {
    description: 'The lowest bid for a transmission.',
    unit: 'millisatoshi',
  }),
  QUITTANCE_MIN_PER_BYTE_BID_MSAT: withDefault(msat, '1', {
    description: 'The lowest bid per byte of a transmission.',
    unit: 'millisatoshi',
  }),
  QUITTANCE_UNPAID_LIMIT: withDefault(wholeNumber(1, 1_000_000), '100', {
    description: 'Unpaid invoices one caller may have open at a time.',
    unit: 'invoices',
  }),
};
