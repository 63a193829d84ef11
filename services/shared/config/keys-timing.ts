import { optional, withDefault } from './key.js';
import { addresses, msat, msatPerByte, seconds, wholeNumber, wholeSeconds } from './values.js';

const unit = 'seconds';

export const timingKeys = {
  QUITTANCE_SHUTDOWN_SECONDS: withDefault(seconds, '20', {
    description: 'How long a process may take to drain after SIGTERM.',
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
  QUITTANCE_CREATION_SECONDS: withDefault(seconds, '60', {
    description: 'An action whose invoice is not created within this fails.',
    unit,
  }),
  QUITTANCE_NODE_TIMEOUT_SECONDS: withDefault(seconds, '5', {
    description: 'The timeout of a call to the Lightning node; the outcome is unknown then.',
    unit,
  }),
  QUITTANCE_EXPIRY_GRACE_SECONDS: withDefault(seconds, '2', {
    description: 'How long after its expiry an invoice is looked up and closed.',
    unit,
  }),
  QUITTANCE_CONFIRM_TIMEOUT_SECONDS: optional(seconds, {
    description: "The confirmation timeout of every channel, instead of the channel's own.",
    unit,
  }),
};

export const creditKeys = {
  QUITTANCE_REFUND_GRACE_DAYS: withDefault(wholeNumber(1, 36_500), '30', {
    description: 'Credits that are refunded after they have expired are valid for this long.',
    unit: 'days',
  }),
  QUITTANCE_ALEPH_ISSUERS: withDefault(addresses, 'none', {
    description:
      'Addresses whose messages may grant and expense credits of ledger aleph, separated by commas; none for no address.',
  }),
  QUITTANCE_ALEPH_CHANNELS: withDefault(addresses, 'ALEPH_CREDIT', {
    description:
      'Channels whose messages are read for credits, separated by commas; none for every channel.',
  }),
};

export const limitKeys = {
  QUITTANCE_MIN_BID_MSAT: withDefault(msat, '1000', {
    description: 'The lowest bid for a transmission.',
    unit: 'millisatoshi',
  }),
  QUITTANCE_MIN_PER_BYTE_BID_MSAT: withDefault(msatPerByte, '1', {
    description: 'The lowest bid per byte on air of a transmission, with at most six decimals.',
    unit: 'millisatoshi',
  }),
  QUITTANCE_UNPAID_LIMIT: withDefault(wholeNumber(0, 1_000_000), '100', {
    description: 'The maximum number of open attempts per account; 0 for any number.',
    unit: 'attempts',
  }),
  QUITTANCE_UNPAID_ORIGIN_LIMIT: withDefault(wholeNumber(0, 1_000_000), '20', {
    description:
      'The maximum number of open attempts per network address without an account (IPv6: per /64); 0 for any number.',
    unit: 'attempts',
  }),
  QUITTANCE_UNPAID_ANONYMOUS_LIMIT: withDefault(wholeNumber(0, 1_000_000), '1000', {
    description:
      'The maximum number of open attempts of all callers without an account; the address with the most gives way. 0 for any number.',
    unit: 'attempts',
  }),
  QUITTANCE_WALLET_PENDING_LIMIT: withDefault(wholeNumber(0, 1_000_000), '25', {
    description:
      "The maximum number of open payments to one wallet of a payee; the wallet's owner may set less. 0 for any number.",
    unit: 'payments',
  }),
};
